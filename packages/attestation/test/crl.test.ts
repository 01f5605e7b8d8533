import { constructed, explicitTag, integer, objectIdentifier, primitive, Tag, type DerElement } from "@contrast/crypto"
import { issueAmdCrl } from "@contrast/test-authority"
import { describe, expect, test } from "@jest/globals"
import { parseRevocationList } from "../src/crl.ts"

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
    ["an extension that comes twice", ofList(list(extension(NUMBER), extension(NUMBER)))],
    ["something behind its extensions", ofList(list(extension(NUMBER)), list(extension(REASON)))],
    ["no list of extensions where there must be one", ofList()],
    ["a field too many", [...ofList(list(extension(NUMBER))), ...ofList(list(extension(REASON)))]],
  ])("with %s is refused", (_title, tail) => {
    expect(() => parseRevocationList(issueAmdCrl({ tail }))).toThrow()
  })
})
