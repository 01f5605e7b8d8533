import { decodeUtf8 } from "@contrast/crypto"
import { encodeEntry, type Entry, parseEntry } from "./entry.ts"
import { CollateralError } from "./error.ts"
import { itemName } from "./item.ts"
import { findStanding } from "./standing.ts"

/** Largest bundle that is read. */
export const MAX_BUNDLE_BYTES: number = 64 * 1024 * 1024

const TYPE = "contrast-collateral"
const VERSION = 1
const MAX_ENTRIES = 20_000

/** Writes entries as one JSON document, to be carried to where no vendor can be reached. */
export function encodeBundle(entries: readonly Entry[]): string {
  return `${JSON.stringify({ type: TYPE, version: VERSION, entries: entries.map(encodeEntry) }, undefined, 2)}\n`
}

/**
 * Reads a bundle. Its content stays untrusted: signatures are verified whenever it is used.
 *
 * @throws {@link CollateralError} `BUNDLE`; `ENTRY` for a damaged part, and for one that is not what it is named.
 */
export function parseBundle(bytes: Uint8Array): readonly Entry[] {
  if (bytes.length > MAX_BUNDLE_BYTES) {
    throw new CollateralError("BUNDLE", `expected at most ${MAX_BUNDLE_BYTES} bytes, got ${bytes.length}`)
  }
  const entries = readList(bytes).map(parseEntry)
  for (const { item, content } of entries) {
    if (findStanding(item, content) === undefined) {
      throw new CollateralError("ENTRY", `the bundle's ${itemName(item).split(".", 2).join(" ")} cannot be read`)
    }
  }
  return entries
}

function readList(bytes: Uint8Array): readonly unknown[] {
  const document = parseJson(bytes)
  if (typeof document === "object" && document !== null && "type" in document && document.type === TYPE) {
    if (!("version" in document) || document.version !== VERSION) {
      throw new CollateralError("BUNDLE", `expected a bundle of version ${VERSION}`)
    }
    if ("entries" in document && Array.isArray(document.entries) && document.entries.length <= MAX_ENTRIES) {
      return document.entries as readonly unknown[] // each is parsed
    }
  }
  throw new CollateralError("BUNDLE", `expected a bundle of type ${TYPE} with at most ${MAX_ENTRIES} entries`)
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeUtf8(bytes))
  } catch (cause) {
    throw new CollateralError("BUNDLE", "expected JSON", { cause })
  }
}
