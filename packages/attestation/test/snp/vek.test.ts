import {
  concatBytes,
  encodeDer,
  encodeUtf8,
  integer,
  primitive,
  Tag,
  type CertificateExtension,
} from "@contrast/crypto"
import { AMD_TCB, amdExtension, amdHardwareId } from "@contrast/test-authority"
import { expect, test } from "@jest/globals"
import { identifies, parseVekExtensions, type VekExtensions } from "../../src/snp/vek.ts"
import { issueLeaf } from "./played.ts"

const { bootloader, tee, snp, microcode, fmc } = AMD_TCB
const octets = (tag: number, ...bytes: readonly number[]): Uint8Array =>
  encodeDer(primitive(tag, Uint8Array.from(bytes)))
const ORGANISATION = encodeDer(primitive(Tag.ia5String, encodeUtf8("cc")))

/** Reads a leaf with other values under numbers below AMD's prefix; without a value, there is none. */
function read(
  values: Readonly<Record<string, Uint8Array | undefined>>,
  line?: "Milan" | "Turin",
): VekExtensions | undefined {
  const changeExtensions = (all: readonly CertificateExtension[]): readonly CertificateExtension[] => {
    const others = all.filter(
      ({ oid }) => !Object.keys(values).some((number) => amdExtension(number, octets(0)).oid === oid),
    )
    return [
      ...others,
      ...Object.entries(values).flatMap(([number, value]) => (value ? [amdExtension(number, value)] : [])),
    ]
  }
  return parseVekExtensions(issueLeaf({ ...(line && { line }), changeExtensions }))
}

test("says of a chip what its certificate says", () => {
  expect(read({})).toEqual({
    productName: "Milan-B0",
    line: "Milan",
    tcb: { bootloader, tee, snp, microcode },
    hardwareId: amdHardwareId("Milan"),
    cspId: undefined,
  })
  expect(read({}, "Turin")).toMatchObject({ line: "Turin", tcb: { bootloader, tee, snp, microcode, fmc } })
  expect(read({ "4": undefined, "5": ORGANISATION })).toMatchObject({ hardwareId: undefined, cspId: "cc" })
})

test("a number is a byte", () => {
  expect(read({ "3.1": octets(Tag.integer, 0x7f) })?.tcb.bootloader).toBe(127)
  expect(read({ "3.1": octets(Tag.integer, 0, 0xff) })?.tcb.bootloader).toBe(255)
  expect(read({ "1": octets(Tag.integer, 1) })).toBeDefined()
})

test.each<[string, Readonly<Record<string, Uint8Array | undefined>>]>([
  ["a later structure", { "1": octets(Tag.integer, 2) }],
  ["no structure version", { "1": undefined }],
  ["no product name", { "2": undefined }],
  ["a product name of another type", { "2": octets(Tag.utf8String, 0x4d) }],
  ["no bootloader", { "3.1": undefined }],
  ["no microcode", { "3.8": undefined }],
  ["a negative number", { "3.1": octets(Tag.integer, 0x80) }],
  ["a number over a byte", { "3.1": octets(Tag.integer, 1, 0) }],
  ["a number of three bytes", { "3.1": octets(Tag.integer, 0, 0x80, 0) }],
  ["a number without digits", { "3.1": octets(Tag.integer) }],
  ["bytes behind a number", { "3.1": concatBytes(encodeDer(integer(Uint8Array.of(1))), Uint8Array.of(0)) }],
  ["the first spare part", { "3.4": octets(Tag.integer, 1) }],
  ["the last spare part", { "3.7": octets(Tag.integer, 1) }],
  ["a hardware id a byte short", { "4": new Uint8Array(63) }],
  ["a wrapped hardware id a byte short", { "4": octets(Tag.octetString, ...new Uint8Array(63)) }],
])("is not read with %s", (_what, values) => {
  expect(read(values)).toBeUndefined()
})

test("spare parts that are missing, or zero, say nothing", () => {
  expect(read({ "3.4": undefined, "3.5": octets(Tag.integer, 0) })).toBeDefined()
})

test("is not read with a critical extension", () => {
  const changeExtensions = ([first, ...others]: readonly CertificateExtension[]): readonly CertificateExtension[] =>
    first ? [{ ...first, critical: true }, ...others] : others

  expect(parseVekExtensions(issueLeaf({ changeExtensions }))).toBeUndefined()
})

test.each([
  ["VCEK", true, false, true],
  ["VCEK", true, true, false],
  ["VCEK", false, true, false],
  ["VCEK", false, false, false],
  ["VLEK", false, true, true],
  ["VLEK", true, true, false],
  ["VLEK", true, false, false],
  ["VLEK", false, false, false],
] as const)("of a %s with chip %s and provider %s, it says what it has to: %s", (kind, chip, provider, expected) => {
  const extensions = read({ "4": chip ? amdHardwareId("Milan") : undefined, "5": provider ? ORGANISATION : undefined })

  expect(extensions && identifies(kind, extensions)).toBe(expected)
})
