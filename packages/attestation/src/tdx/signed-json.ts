import { decodeHex, decodeUtf8, encodeUtf8 } from "@contrast/crypto"
import { visit } from "jsonc-parser"
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
  checkKeys(signed)
  return {
    content: new JsonObject(JSON.parse(signed)),
    signedBytes: encodeUtf8(signed),
    signature: decodeHex(signature.toLowerCase()),
  }
}

/** Two readers may take different ones of two equal keys, so there must be none. */
function checkKeys(text: string): void {
  const open: Set<string>[] = []
  const enter = (): void => {
    if (open.length === MAX_DEPTH) throw new RangeError(`nested deeper than ${MAX_DEPTH}`)
    open.push(new Set())
  }
  const leave = (): void => {
    open.pop()
  }
  const onObjectProperty = (name: string): void => {
    const keys = open.at(-1)
    if (keys?.has(name) !== false) throw new RangeError(`key ${name.slice(0, 64)} comes twice`)
    keys.add(name)
  }
  const visitor = { onObjectBegin: enter, onArrayBegin: enter, onObjectEnd: leave, onArrayEnd: leave, onObjectProperty }
  visit(text, visitor, { disallowComments: true })
}
