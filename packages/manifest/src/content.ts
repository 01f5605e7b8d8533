import { encodeHex, equalBytes, sha256 } from "@contrast/crypto"
import { ManifestError } from "./error.ts"

/** The kinds of objects in a history that are kept under their SHA-256 hash. */
export const CONTENT_KINDS = ["policies", "manifests", "transitions"] as const

/** One of {@link CONTENT_KINDS}. */
export type ContentKind = (typeof CONTENT_KINDS)[number]

/**
 * Checks that what a store answered is the object that was asked for.
 *
 * @returns The bytes, not copied.
 * @throws {@link ManifestError} `HISTORY_MISSING` or `HISTORY_HASH`; the path is the object's key in the store (`manifests/ab…`).
 */
export function requireContent(kind: ContentKind, hash: Uint8Array, bytes: Uint8Array | undefined): Uint8Array {
  const path = `${kind}/${encodeHex(hash)}`
  if (bytes === undefined) {
    throw new ManifestError([
      { code: "HISTORY_MISSING", path, message: "the history refers to this, but it is not there" },
    ])
  }
  if (!equalBytes(sha256(bytes), hash)) {
    throw new ManifestError([{ code: "HISTORY_HASH", path, message: "the content does not have this hash" }])
  }
  return bytes
}
