import { CryptoError, decodeHex, encodeHex, encodeUtf8 } from "@contrast/crypto"
import { HASH_BYTES } from "@contrast/manifest"
import { CliError } from "./error.ts"
import { findFileBounded } from "./file-reader.ts"
import type { FileWrite } from "./files.ts"

const MAX_BYTES = 1024

/**
 * Reads a transition hash from the command line.
 *
 * @throws {@link CliError} `USAGE`.
 */
export function parseTransitionFlag(hex: string): Uint8Array {
  const hash = findHash(hex)
  if (hash === undefined) throw new CliError("USAGE", "expected 64 hex digits as --latest-transition")
  return hash
}

/**
 * The last transition that this workspace has seen.
 *
 * @throws {@link CliError} `FILE_CONTENT` when the file is damaged: it must not count as if nothing had been seen.
 */
export async function findLatestTransition(path: string): Promise<Uint8Array | undefined> {
  const bytes = await findFileBounded(path, MAX_BYTES)
  if (bytes === undefined) return undefined
  const hash = findHash(new TextDecoder().decode(bytes).trim())
  if (hash !== undefined) return hash
  throw new CliError("FILE_CONTENT", `${path} is damaged: expected 64 hex digits`, {
    hint: "put it back from a backup; if you remove it, a rolled back history will not be noticed once",
  })
}

/** Remembers a transition as the last one that was seen. */
export function latestTransitionFile(path: string, hash: Uint8Array): FileWrite {
  return { path, content: encodeUtf8(encodeHex(hash)) }
}

function findHash(hex: string): Uint8Array | undefined {
  try {
    const hash = decodeHex(hex)
    return hash.length === HASH_BYTES ? hash : undefined
  } catch (error) {
    if (error instanceof CryptoError) return undefined
    throw error
  }
}
