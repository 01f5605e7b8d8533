import {
  childrenOf,
  constructed,
  encodeDer,
  explicitTag,
  integer,
  objectIdentifier,
  parseDer,
  primitive,
  Tag,
  type DerElement,
} from "@contrast/crypto"
import { issueAmdCrl } from "@contrast/test-authority"
import { describe, expect, test } from "@jest/globals"
import { parseRevocationList, serialText } from "../src/crl.ts"

const SERIAL = integer(Uint8Array.of(7))
const DATE = primitive(Tag.utcTime, Buffer.from("260101000000Z"))
const REASON = "2.5.29.21"
const NUMBER = "2.5.29.20"

const extension = (oid: string, ...critical: readonly DerElement[]): DerElement =>
  constructed(Tag.sequence, objectIdentifier(oid), ...critical, primitive(Tag.octetString, Uint8Array.of(5, 0)))
const CRITICAL = primitive(Tag.boolean, Uint8Array.of(0xff))
const entry = (...more: readonly DerElement[]): readonly DerElement[] => [
  constructed(Tag.sequence, constructed(Tag.sequence, SERIAL, DATE, ...more)),
]
const list = (...elements: readonly DerElement[]): DerElement => constructed(Tag.sequence, ...elements)
const ofList = (...elements: readonly DerElement[]): readonly DerElement[] => [constructed(explicitTag(0), ...elements)]

describe("a revocation list", () => {
  test.each([
    ["an entry without extensions", entry()],
    ["an entry with its reason", entry(list(extension(REASON)))],
    ["its number", [...entry(), ...ofList(list(extension(NUMBER)))]],
  ])("with %s is read", (_title, tail) => {
    expect([...parseRevocationList(issueAmdCrl({ tail })).revoked]).toEqual(["7"])
  })

  test.each<[string, readonly DerElement[]]>([
    ["an entry with a critical extension", entry(list(extension(REASON, CRITICAL)))],
    ["an entry with an extension that comes twice", entry(list(extension(REASON), extension(REASON)))],
    ["an entry with something behind its extensions", entry(list(extension(REASON)), SERIAL)],
    ["an entry with something else for extensions", entry(SERIAL)],
    ["a critical extension", ofList(list(extension(NUMBER, CRITICAL)))],
    ["a critical extension behind another", ofList(list(extension(REASON), extension(NUMBER, CRITICAL)))],
    ["an entry without its date", [constructed(Tag.sequence, constructed(Tag.sequence, SERIAL))]],
    [
      "an entry with something else for its date",
      [constructed(Tag.sequence, constructed(Tag.sequence, SERIAL, SERIAL))],
    ],
    ["an extension that comes twice", ofList(list(extension(NUMBER), extension(NUMBER)))],
    ["something behind its extensions", ofList(list(extension(NUMBER)), list(extension(REASON)))],
    ["no list of extensions where there must be one", ofList()],
    ["a field too many", [...ofList(list(extension(NUMBER))), ...ofList(list(extension(REASON)))]],
  ])("with %s is refused", (_title, tail) => {
    expect(() => parseRevocationList(issueAmdCrl({ tail }))).toThrow()
  })
})

describe("of the parts of a revocation list", () => {
  const good = issueAmdCrl()
  const [signed, algorithm, signature] = partsOf(parseDer(good))
  const fields = partsOf(signed)
  const otherAlgorithm = list(objectIdentifier("1.2.3"))
  const whole = (...parts: readonly (DerElement | undefined)[]): Uint8Array =>
    encodeDer(list(...parts.filter((part) => part !== undefined)))
  const withFields = (...changed: readonly (DerElement | undefined)[]): Uint8Array =>
    whole(list(...changed.filter((field) => field !== undefined)), algorithm, signature)

  test("a list that is put together again is the same", () => {
    expect(withFields(...fields)).toEqual(good)
  })

  test.each<[string, Uint8Array]>([
    ["nothing", whole()],
    ["no algorithm", whole(signed)],
    ["no signature", whole(signed, algorithm)],
    ["something behind the signature", whole(signed, algorithm, signature, SERIAL)],
    ["another algorithm outside", whole(signed, otherAlgorithm, signature)],
    ["another algorithm inside", withFields(...fields.with(1, otherAlgorithm))],
    ["a signature of seven bits", whole(signed, algorithm, primitive(Tag.bitString, Uint8Array.of(1, 0)))],
    ["no fields", withFields()],
    ["no issuer", withFields(...fields.slice(0, 2))],
    ["version 1", withFields(...fields.with(0, integer(Uint8Array.of(0))))],
    ["version 3", withFields(...fields.with(0, integer(Uint8Array.of(2))))],
    ["no time of the next one", withFields(...fields.slice(0, 4))],
  ])("%s is refused", (_title, der) => {
    expect(() => parseRevocationList(der)).toThrow()
  })

  test("more than 20,000 entries are refused", () => {
    const one = constructed(Tag.sequence, SERIAL, DATE)
    const entries = (count: number) =>
      withFields(...fields.slice(0, 5), list(...Array.from({ length: count }, () => one)))

    expect(parseRevocationList(entries(20_000)).revoked.size).toBe(1)
    expect(() => parseRevocationList(entries(20_001))).toThrow("too many entries")
  })
})

test("serial numbers are compared as numbers, and have at most 20 bytes besides a sign", () => {
  const serial = (...bytes: readonly number[]) => serialText(Uint8Array.from(bytes))

  expect([serial(0), serial(0, 0), serial(0, 0x80), serial(0x10, 0)]).toEqual(["0", "0", "80", "1000"])
  expect(serialText(new Uint8Array(21).fill(1, 1))).toBe("01".repeat(20).slice(1))
  expect(() => serialText(new Uint8Array(22))).toThrow(RangeError)
})

function partsOf(element: DerElement | undefined): readonly DerElement[] {
  return childrenOf(element, Tag.sequence)
}
