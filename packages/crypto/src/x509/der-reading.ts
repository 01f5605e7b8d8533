import forge from "#forge-asn1"
import { equalBytes } from "../bytes.ts"
import { CryptoError } from "../error.ts"
import { fromByteString, toByteString } from "./byte-string.ts"
import { CONSTRUCTED, type DerElement, Tag, encodeDer } from "./der.ts"
import { findObjectIdentifier } from "./object-identifier.ts"

/** Larger than any certificate that a TLS stack would carry; evidence with its collateral stays well below. */
export const MAX_DER_BYTES: number = 64 * 1024
/** A certificate nests 7 deep. */
const MAX_DEPTH = 16

/**
 * Reads one DER structure, hostile bytes welcome.
 *
 * @throws {@link CryptoError} `DER` on anything but exactly one element in canonical form, at most `maxBytes` (by default 64 KiB) and 16 levels deep.
 */
export function parseDer(bytes: Uint8Array, maxBytes: number = MAX_DER_BYTES): DerElement {
  if (bytes.length > maxBytes) {
    throw new CryptoError("DER", `expected at most ${maxBytes} bytes of DER, got ${bytes.length}`)
  }
  const element = decode(toByteString(bytes))
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
  return fromByteString(stringOf(element, tag))
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
  const oid = findObjectIdentifier(stringOf(element, Tag.objectIdentifier))
  if (oid === undefined) {
    throw new CryptoError("DER", "expected an object identifier in canonical form, with arcs of at most 32 bits")
  }
  return oid
}

function stringOf(element: DerElement | undefined, tag: number): string {
  if (element === undefined || !hasTag(element, tag) || typeof element.value !== "string") {
    throw new CryptoError("DER", `expected tag ${hexTag(tag)}, got ${describe(element)}`)
  }
  return element.value
}

function decode(text: string): DerElement {
  try {
    return forge.fromDer(text, { strict: true, parseAllBytes: true, decodeBitStrings: false, maxDepth: MAX_DEPTH })
  } catch (cause) {
    throw new CryptoError("DER", "expected one DER structure", { cause })
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
