import forge, { type Asn1 } from "#forge-asn1"
import { concatBytes, equalBytes } from "../bytes.ts"
import { CryptoError } from "../error.ts"

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
const CONSTRUCTED = 0x20

/** Larger than any certificate that a TLS stack would carry; evidence with its collateral stays well below. */
const MAX_DER_BYTES = 64 * 1024
/** A certificate nests 7 deep. */
const MAX_DEPTH = 16

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
  return forge.create(UNIVERSAL, tag, false, toBinary(content))
}

/** An element whose content is other elements. */
export function constructed(tag: number, ...children: readonly DerElement[]): DerElement {
  return forge.create(UNIVERSAL, tag & ~CONSTRUCTED, true, children)
}

/** A non-negative INTEGER from its big-endian bytes. */
export function integer(magnitude: Uint8Array): DerElement {
  const start = magnitude.findIndex((byte) => byte !== 0)
  const digits = start < 0 ? Uint8Array.of(0) : magnitude.subarray(start)
  // Forge drops the zero in front again where the sign does not need it.
  return primitive(Tag.integer, concatBytes(Uint8Array.of(0), digits))
}

/** A BIT STRING of whole bytes. */
export function bitString(octets: Uint8Array): DerElement {
  return primitive(Tag.bitString, concatBytes(Uint8Array.of(0), octets))
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function objectIdentifier(oid: string): DerElement {
  return forge.create(UNIVERSAL, Tag.objectIdentifier, false, forge.oidToDer(oid).getBytes())
}

/** The DER of an element; the exact bytes that came, if it was parsed. */
export function encodeDer(element: DerElement): Uint8Array {
  return fromBinary(forge.toDer(element).getBytes())
}

/**
 * Reads one DER structure, hostile bytes welcome.
 *
 * @throws {@link CryptoError} `DER` on anything but exactly one element in canonical form, at most 64 KiB and 16 levels deep.
 */
export function parseDer(bytes: Uint8Array): DerElement {
  if (bytes.length > MAX_DER_BYTES) {
    throw new CryptoError("DER", `expected at most ${MAX_DER_BYTES} bytes of DER, got ${bytes.length}`)
  }
  const element = decode(toBinary(bytes))
  // One value has one encoding. This also makes encodeDer give back the very bytes that came.
  if (!equalBytes(encodeDer(element), bytes)) {
    throw new CryptoError("DER", "expected DER in its one canonical form")
  }
  return element
}

/** Whether the element has this tag. */
export function hasTag(element: DerElement, tag: number): boolean {
  return tagOf(element) === tag
}

/**
 * The elements inside a constructed element.
 *
 * @throws {@link CryptoError} `DER` when the tag is another.
 */
export function childrenOf(element: DerElement | undefined, tag: number): readonly DerElement[] {
  if (element === undefined || !hasTag(element, tag) || typeof element.value === "string") {
    throw new CryptoError("DER", `expected tag ${hexTag(tag)}, got ${describe(element)}`)
  }
  return element.value
}

/**
 * The content octets of a primitive element.
 *
 * @throws {@link CryptoError} `DER` when the tag is another.
 */
export function contentOf(element: DerElement | undefined, tag: number): Uint8Array {
  if (element === undefined || !hasTag(element, tag) || typeof element.value !== "string") {
    throw new CryptoError("DER", `expected tag ${hexTag(tag)}, got ${describe(element)}`)
  }
  return fromBinary(element.value)
}

/**
 * The bytes of a BIT STRING without unused bits, which is how keys and signatures travel.
 *
 * @throws {@link CryptoError} `DER` when it is none or has unused bits.
 */
export function octetsOfBitString(element: DerElement | undefined): Uint8Array {
  const content = contentOf(element, Tag.bitString)
  if (content[0] !== 0) {
    throw new CryptoError("DER", "expected a bit string of whole bytes")
  }
  return content.subarray(1)
}

/**
 * The dotted form of an OBJECT IDENTIFIER.
 *
 * @throws {@link CryptoError} `DER` when it is none, is padded or cut, or has an arc of more than 32 bits.
 */
export function objectIdentifierOf(element: DerElement | undefined): string {
  const oid = findObjectIdentifier(toBinary(contentOf(element, Tag.objectIdentifier)))
  if (oid === undefined) {
    throw new CryptoError("DER", "expected an object identifier in canonical form, with arcs of at most 32 bits")
  }
  return oid
}

function decode(binary: string): DerElement {
  try {
    return forge.fromDer(binary, { strict: true, parseAllBytes: true, decodeBitStrings: false, maxDepth: MAX_DEPTH })
  } catch (cause) {
    throw new CryptoError("DER", "expected one DER structure", { cause })
  }
}

function findObjectIdentifier(binary: string): string | undefined {
  try {
    const oid = forge.derToOid(binary)
    // Forge passes over padding and over a cut arc: without this, other bytes could pass for one of our identifiers.
    return oid !== undefined && forge.oidToDer(oid).getBytes() === binary ? oid : undefined
  } catch {
    return undefined
  }
}

function tagOf(element: DerElement): number {
  return element.tagClass | element.type | (element.constructed ? CONSTRUCTED : 0)
}

function describe(element: DerElement | undefined): string {
  return element === undefined ? "nothing" : hexTag(tagOf(element))
}

function hexTag(tag: number): string {
  return `0x${tag.toString(16).padStart(2, "0")}`
}

function toBinary(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1")
}

function fromBinary(binary: string): Uint8Array {
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < binary.length; index += 1) {
    bytes[index] = binary.charCodeAt(index)
  }
  return bytes
}
