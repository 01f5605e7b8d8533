import {
  childrenOf,
  constructed,
  encodeDer,
  objectIdentifier,
  parseDer,
  primitive,
  Tag,
  type DerElement,
} from "@contrast/crypto"
import { encodeSgxExtension, INTEL_PLATFORM, intelPlatform } from "@contrast/test-authority"
import { expect, test } from "@jest/globals"
import { parseSgxExtension, type SgxExtension } from "../../src/tdx/sgx-extension.ts"

const SGX = "1.2.840.113741.1.13.1"
const ENUMERATED = 0x0a
const { certificate } = intelPlatform()
const value = primitive(Tag.octetString, new Uint8Array(16))

const sequence = (...children: readonly DerElement[]): DerElement => constructed(Tag.sequence, ...children)
const entry = (number: string, ...values: readonly DerElement[]): DerElement =>
  sequence(objectIdentifier(`${SGX}.${number}`), ...values)
const entriesOf = (platform = INTEL_PLATFORM): readonly DerElement[] =>
  childrenOf(parseDer(encodeSgxExtension(platform)), Tag.sequence)

function read(entries: readonly DerElement[], critical = false): SgxExtension | undefined {
  return parseSgxExtension({
    ...certificate,
    extensions: [{ oid: SGX, critical, value: encodeDer(sequence(...entries)) }],
  })
}

/** The whole extension with another value under a number. */
const withEntry = (number: number, ...values: readonly DerElement[]): readonly DerElement[] =>
  entriesOf().with(number - 1, entry(String(number), ...values))
const withPceSvn = (...digits: readonly number[]): readonly DerElement[] => {
  const tcb = childrenOf(childrenOf(entriesOf()[1], Tag.sequence)[1], Tag.sequence)
  return withEntry(2, sequence(...tcb.with(16, entry("2.17", primitive(Tag.integer, Uint8Array.from(digits))))))
}
const withFlag = (...bytes: readonly number[]): readonly DerElement[] => {
  const flag = primitive(Tag.boolean, Uint8Array.from(bytes))
  return withEntry(7, sequence(...[1, 2, 3].map((number) => entry(`7.${number}`, flag))))
}

test("says of a platform what its certificate says", () => {
  expect(read(entriesOf())).toEqual({ ...INTEL_PLATFORM, cpuSvn: Uint8Array.from(INTEL_PLATFORM.components) })
  expect(read([...entriesOf(), entry("8", value)])).toBeDefined()
  expect(read(withPceSvn(0x7f))?.pceSvn).toBe(127)
  expect(read(withPceSvn(0, 0xff, 0xff))?.pceSvn).toBe(65_535)
  expect(read(withFlag(0xff))?.configuration).toEqual({ dynamicPlatform: true, cachedKeys: true, smtEnabled: true })
})

test.each<[string, readonly DerElement[]]>([
  ["an identifier of somebody else", [...entriesOf(), sequence(objectIdentifier("1.2.840.113741.1.14.1.8"), value)]],
  ["an identifier twice", [...entriesOf(), entry("1", value)]],
  ["an identifier two steps below", [...entriesOf(), entry("8.1", value)]],
  ["no value", [...entriesOf(), entry("8")]],
  ["two values", [...entriesOf(), entry("8", value, value)]],
  ["a number without digits", withPceSvn()],
  ["an enumeration without digits", withEntry(5, primitive(ENUMERATED))],
  ["a negative number", withPceSvn(0x80)],
  ["a number over two bytes", withPceSvn(1, 0, 0)],
  ["a flag of two bytes", withFlag(0xff, 0xff)],
  ["a flag that is neither true nor false", withFlag(1)],
  ["a flag without content", withFlag()],
])("is not read with %s", (_what, entries) => {
  expect(read(entries)).toBeUndefined()
})

test("is not read where it is critical, or missing", () => {
  expect(read(entriesOf(), true)).toBeUndefined()
  expect(parseSgxExtension({ ...certificate, extensions: [] })).toBeUndefined()
})
