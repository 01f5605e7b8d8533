import { decodeBase64, encodeBase64 } from "@contrast/crypto"
import { TransitError } from "./error.ts"

/** Nonce before, tag after the encrypted bytes. */
export const NONCE_BYTES = 12
const TAG_BYTES = 16

/** `key_version` travels as an unsigned 32-bit number; 0 only ever means "the default". */
export const MAX_KEY_VERSION = 0xffff_ffff

/** A parsed `vault:v<version>:<base64(nonce ‖ encrypted ‖ tag)>`. Nothing in it is authenticated yet. */
export interface Ciphertext {
  readonly version: number
  readonly nonce: Uint8Array
  /** Encrypted bytes followed by the 16-byte tag. */
  readonly sealed: Uint8Array
}

/** Writes the text form of a ciphertext. */
export function encodeCiphertext(version: number, nonce: Uint8Array, sealed: Uint8Array): string {
  const payload = Buffer.allocUnsafe(NONCE_BYTES + sealed.length)
  payload.set(nonce, 0)
  payload.set(sealed, NONCE_BYTES)
  return `vault:v${version}:${encodeBase64(payload)}`
}

/**
 * Reads the text form of a ciphertext.
 *
 * @throws {@link TransitError} `REQUEST`.
 */
export function parseCiphertext(text: string): Ciphertext {
  const [prefix, version, encoded, ...rest] = text.split(":", 4)
  if (prefix !== "vault" || version === undefined || encoded === undefined || rest.length > 0) {
    throw new TransitError("REQUEST", "ciphertext must have the form vault:v<version>:<base64>")
  }
  const payload = parsePayload(encoded)
  return {
    version: parseVersion(version),
    nonce: payload.subarray(0, NONCE_BYTES),
    sealed: payload.subarray(NONCE_BYTES),
  }
}

function parseVersion(text: string): number {
  const version = /^v[1-9][0-9]{0,9}$/.test(text) ? Number(text.slice(1)) : Number.NaN
  if (!(version <= MAX_KEY_VERSION)) {
    throw new TransitError("REQUEST", `ciphertext version must be v1 to v${MAX_KEY_VERSION}`)
  }
  return version
}

function parsePayload(encoded: string): Uint8Array {
  const payload = parseBase64("ciphertext", encoded)
  if (payload.length < NONCE_BYTES + TAG_BYTES) {
    throw new TransitError("REQUEST", `ciphertext is too short: ${payload.length} bytes of nonce, data and tag`)
  }
  return payload
}

/**
 * Reads base64 of the standard alphabet with padding.
 *
 * @param field - Named in the refusal.
 * @throws {@link TransitError} `REQUEST`.
 */
export function parseBase64(field: string, text: string): Uint8Array {
  try {
    return decodeBase64(text)
  } catch (cause) {
    throw new TransitError("REQUEST", `${field} must be base64 of the standard alphabet with padding`, { cause })
  }
}
