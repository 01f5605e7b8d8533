/** What a block device holds, told from its first and last bytes. Pure. */
import { concatBytes, encodeUtf8, equalBytes } from "@contrast/crypto/bytes"
import { HEADER_BYTES } from "./luks.ts"
import { findSignature, isLuks } from "./signature.ts"
import { isZero } from "./zero.ts"

export type Content =
  /** A finished volume, if its header holds; the bytes are a private copy. */
  | { readonly kind: "volume"; readonly header: Uint8Array }
  /** A format of ours that was interrupted: the device was empty before it, and nothing was ever stored on it. */
  | { readonly kind: "unfinished" }
  | { readonly kind: "empty" }
  | { readonly kind: "occupied"; readonly by: string }

/** One block, which a disk writes whole. */
export const FIRST_BLOCK_BYTES = 4096

/**
 * Stands in the first block from the moment an empty device is chosen until its finished header replaces it. So
 * whoever finds a header finds a finished volume, and whoever finds this may start over.
 */
export const UNFINISHED_MARK: Uint8Array = firstBlock(
  "contrast: this device was empty and is being made into an encrypted volume; if you read this, that was interrupted and will start over\n",
)

export function classifyContent(start: Uint8Array, end: Uint8Array): Content {
  if (equalBytes(start.subarray(0, FIRST_BLOCK_BYTES), UNFINISHED_MARK)) return { kind: "unfinished" }
  if (isLuks(start)) return { kind: "volume", header: start.slice(0, HEADER_BYTES) }
  const signature = findSignature(start, end)
  if (signature !== undefined) return { kind: "occupied", by: signature }
  return isZero(start) ? { kind: "empty" } : { kind: "occupied", by: "data of an unknown kind" }
}

function firstBlock(text: string): Uint8Array {
  const bytes = encodeUtf8(text)
  return concatBytes(bytes, new Uint8Array(FIRST_BLOCK_BYTES - bytes.length))
}
