import forge, { type Asn1 } from "#forge-asn1"
import { concatBytes } from "../bytes.ts"
import { fromByteString, toByteString } from "./byte-string.ts"
import { encodeObjectIdentifier } from "./object-identifier.ts"

/** One element of a DER structure. */
export type DerElement = Asn1

/** Identifier octets (X.690 §8.1.2) of the types that certificates use; constructed types carry the bit 0x20. */
export const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

const NO_BYTES = new Uint8Array(0)
const UNIVERSAL = 0x00
const CONTEXT = 0x80
/** The bit of an identifier octet that says that the content is elements. */
export const CONSTRUCTED = 0x20

/** The identifier octet of a context-specific primitive type, `[number] IMPLICIT`. */
export function contextTag(number: number): number {
  return CONTEXT | number
}

/** The identifier octet of a context-specific constructed type, `[number] EXPLICIT`. */
export function explicitTag(number: number): number {
  return CONTEXT | CONSTRUCTED | number
}

/** An element whose content is bytes. */
export function primitive(tag: number, content: Uint8Array = NO_BYTES): DerElement {
  return forge.create(UNIVERSAL, tag, false, toByteString(content))
}

/** An element whose content is other elements. */
export function constructed(tag: number, ...children: readonly DerElement[]): DerElement {
  return forge.create(UNIVERSAL, tag & ~CONSTRUCTED, true, children)
}

/** A non-negative INTEGER from its big-endian bytes. */
export function integer(magnitude: Uint8Array): DerElement {
  const start = magnitude.findIndex((byte) => byte !== 0)
  const digits = start < 0 ? Uint8Array.of(0) : magnitude.subarray(start)
  const [highest = 0] = digits
  // The highest bit is the sign, so a number that has it set takes one more byte.
  return primitive(Tag.integer, highest > 0x7f ? concatBytes(Uint8Array.of(0), digits) : digits)
}

/** A BIT STRING of whole bytes. */
export function bitString(octets: Uint8Array): DerElement {
  return primitive(Tag.bitString, concatBytes(Uint8Array.of(0), octets))
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function objectIdentifier(oid: string): DerElement {
  return forge.create(UNIVERSAL, Tag.objectIdentifier, false, encodeObjectIdentifier(oid))
}

/** The DER of an element; the exact bytes that came, if it was parsed. */
export function encodeDer(element: DerElement): Uint8Array {
  return fromByteString(forge.toDer(element).getBytes())
}
