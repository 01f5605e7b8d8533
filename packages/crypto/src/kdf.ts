import { hkdf } from "@noble/hashes/hkdf.js"
import { sha256 } from "@noble/hashes/sha2.js"

/** The longest output HKDF-SHA-256 can give: 255 blocks of 32 bytes (RFC 5869 §2.3). */
export const MAX_HKDF_BYTES: number = 255 * 32

/** Inputs of {@link hkdfSha256}, named as in RFC 5869. */
export interface HkdfInputs {
  readonly ikm: Uint8Array
  readonly salt: Uint8Array
  readonly info: Uint8Array
  /** Bytes wanted, at most {@link MAX_HKDF_BYTES}. */
  readonly length: number
}

/**
 * HKDF-SHA-256, extract then expand (RFC 5869 §2).
 *
 * @throws RangeError when `length` is not a whole number between 0 and {@link MAX_HKDF_BYTES}.
 */
export function hkdfSha256({ ikm, salt, info, length }: HkdfInputs): Uint8Array {
  // Noble refuses fractions and negative numbers itself.
  if (length > MAX_HKDF_BYTES) {
    throw new RangeError(`expected a length of at most ${MAX_HKDF_BYTES} bytes, got ${length}`)
  }
  return hkdf(sha256, ikm, salt, info, length)
}
