import {
  concatBytes,
  decodeBase64,
  decodeHex,
  encodeBase64,
  encodeHex,
  encodeUtf8,
  equalBytes,
  sha256,
} from "@contrast/crypto"
import { CollateralError } from "./error.ts"
import { findItem, type Item, itemName } from "./item.ts"

/** What a vendor answered, byte for byte; nothing in it has been verified. */
export interface Content {
  readonly body: Uint8Array
  /** PEM of the signer's certificates, where they come beside the body. */
  readonly issuerChain?: Uint8Array
}

/** A piece of collateral as it is kept. */
export interface Entry {
  readonly item: Item
  readonly content: Content
  readonly fetchedAt: Date
}

/** Largest part of an entry: Intel's answers may have 256 KiB. */
const MAX_PART_BYTES = 256 * 1024
const MAX_PART_CHARACTERS = 4 * Math.ceil(MAX_PART_BYTES / 3)

/** An entry as JSON has it. */
interface EntryDocument {
  /** The {@link itemName}. */
  readonly name: string
  readonly fetchedAt: string
  readonly body: string
  readonly issuerChain?: string
  /** Over all of the above. It tells damage, and no more than that: whoever can write the entry can write this. */
  readonly sha256: string
}

/** Writes an entry as a JSON value. */
export function encodeEntry(entry: Entry): EntryDocument {
  const { item, content, fetchedAt } = entry
  return {
    name: itemName(item),
    fetchedAt: fetchedAt.toISOString(),
    body: encodeBase64(content.body),
    ...(content.issuerChain && { issuerChain: encodeBase64(content.issuerChain) }),
    sha256: encodeHex(digestOf(entry)),
  }
}

/**
 * Reads the JSON value of an entry.
 *
 * @throws {@link CollateralError} `ENTRY` on anything else, and on one that was damaged.
 */
export function parseEntry(value: unknown): Entry {
  try {
    return readEntry(value)
  } catch (cause) {
    throw new CollateralError("ENTRY", "expected a piece of collateral as JSON, undamaged", { cause })
  }
}

function readEntry(value: unknown): Entry {
  if (typeof value !== "object" || value === null) throw new TypeError("not an object")
  const { name, fetchedAt, body, issuerChain, sha256: digest, ...others } = value as Record<string, unknown> // an object
  if (Object.keys(others).length > 0) throw new RangeError("unknown key")
  const item = findItem(text(name))
  if (item === undefined) throw new RangeError("unknown name")
  const entry = {
    item,
    content: { body: part(body), ...(issuerChain !== undefined && { issuerChain: part(issuerChain) }) },
    fetchedAt: new Date(text(fetchedAt)),
  }
  if (entry.fetchedAt.toISOString() !== fetchedAt) throw new RangeError("not a time")
  if (!equalBytes(decodeHex(text(digest)), digestOf(entry))) throw new RangeError("damaged")
  return entry
}

function text(value: unknown): string {
  if (typeof value !== "string" || value.length > MAX_PART_CHARACTERS) throw new TypeError("not a text, or too long")
  return value
}

function part(value: unknown): Uint8Array {
  return decodeBase64(text(value))
}

function digestOf({ item, content, fetchedAt }: Entry): Uint8Array {
  const head = encodeUtf8(`${itemName(item)}\n${fetchedAt.toISOString()}\n`)
  return sha256(concatBytes(head, sha256(content.body), sha256(content.issuerChain ?? new Uint8Array(0))))
}
