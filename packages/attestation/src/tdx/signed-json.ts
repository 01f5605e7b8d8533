import { decodeHex, decodeUtf8, encodeUtf8 } from "@contrast/crypto"
import { JsonObject } from "./json-object.ts"

/** What a signed JSON text holds. */
export interface SignedJson {
  readonly content: JsonObject
  /** The content's own bytes as they were received, from its `{` to its `}`: what the signature covers. */
  readonly signedBytes: Uint8Array
  /** R and S, 64 bytes. */
  readonly signature: Uint8Array
}

const MAX_JSON_BYTES = 256 * 1024
const MAX_DEPTH = 16
/** A string in a text that is known to be JSON, with the colon that makes it a key. */
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"([\t\n\r ]*:)?/g
const SIGNATURE = /,"signature":"([0-9a-fA-F]{128})"\}[\t\n\r ]*$/

/**
 * Reads `{"<key>":{…},"signature":"<128 hexadecimal digits>"}`, as Intel's services send it, byte for byte. The signature
 * covers bytes and not values: a text that was printed anew would not verify, and is not repaired.
 *
 * @throws any error on anything else, on a key that comes twice, and on nesting deeper than 16; the caller names the refusal.
 */
export function parseSignedJson(body: Uint8Array, key: string): SignedJson {
  if (body.length > MAX_JSON_BYTES) throw new RangeError(`expected at most ${MAX_JSON_BYTES} bytes`)
  const text = decodeUtf8(body)
  const beginning = `{"${key}":`
  const ending = SIGNATURE.exec(text)
  if (!text.startsWith(beginning) || ending === null) throw new RangeError(`expected ${key} and its signature`)
  const [, signature = ""] = ending
  // What lies between is the signed object if it is one JSON value.
  const signed = text.slice(beginning.length, ending.index)
  const value: unknown = JSON.parse(signed)
  checkKeys(signed, value)
  return {
    content: new JsonObject(value),
    signedBytes: encodeUtf8(signed),
    signature: decodeHex(signature.toLowerCase()),
  }
}

/** Two readers may take different ones of two equal keys, so there must be none: as many are read as are written. */
function checkKeys(text: string, value: unknown): void {
  let written = 0
  for (const [, colon] of text.matchAll(STRING)) if (colon !== undefined) written += 1
  if (written !== countKeys(value, 1)) throw new RangeError("a key comes twice")
}

function countKeys(value: unknown, depth: number): number {
  if (typeof value !== "object" || value === null) return 0
  if (depth > MAX_DEPTH) throw new RangeError(`nested deeper than ${MAX_DEPTH}`)
  const values = Object.values(value)
  const own = Array.isArray(value) ? 0 : values.length
  return values.reduce<number>((sum, inner) => sum + countKeys(inner, depth + 1), own)
}
