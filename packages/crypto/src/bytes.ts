import { timingSafeEqual } from "node:crypto"
import { CryptoError } from "./error.ts"

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Joins byte strings into a new one; the parts stay untouched. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.length, 0))
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

/** Whether two byte strings are equal, in a time that depends on their lengths only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Lower-case hexadecimal text of the bytes. */
export function encodeHex(bytes: Uint8Array): string {
  return view(bytes).toString("hex")
}

/**
 * Bytes of a hexadecimal text in upper or lower case.
 *
 * @throws {@link CryptoError} `HEX` on an odd length or any other character.
 */
export function decodeHex(text: string): Uint8Array {
  if (text.length % 2 !== 0) {
    throw new CryptoError("HEX", `expected an even number of hex digits, got ${text.length}`)
  }
  if (!/^[0-9a-f]*$/i.test(text)) {
    throw new CryptoError("HEX", "expected hex digits only")
  }
  return new Uint8Array(Buffer.from(text, "hex"))
}

/** Base64 text of the bytes: standard alphabet, padded (RFC 4648 §4). */
export function encodeBase64(bytes: Uint8Array): string {
  return view(bytes).toString("base64")
}

/**
 * Bytes of a base64 text: standard alphabet, padded, canonical (RFC 4648 §4), no white space.
 *
 * @throws {@link CryptoError} `BASE64` on anything that {@link encodeBase64} would not have written.
 */
export function decodeBase64(text: string): Uint8Array {
  const decoded = Buffer.from(text, "base64")
  if (decoded.toString("base64") !== text) {
    throw new CryptoError("BASE64", "expected padded standard base64")
  }
  return new Uint8Array(decoded)
}

/**
 * UTF-8 bytes of a text.
 *
 * @throws {@link CryptoError} `UTF8` when the text holds half a surrogate pair: two such texts could give the same bytes.
 */
export function encodeUtf8(text: string): Uint8Array {
  if (!text.isWellFormed()) {
    throw new CryptoError("UTF8", "expected well-formed text, got an unpaired surrogate")
  }
  return new TextEncoder().encode(text)
}

/**
 * Text of UTF-8 bytes; a byte order mark is kept as a character.
 *
 * @throws {@link CryptoError} `UTF8` on bytes that are not UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes)
  } catch (cause) {
    throw new CryptoError("UTF8", "expected UTF-8 text", { cause })
  }
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
