import type { KeyObject } from "node:crypto"
import { stat } from "node:fs/promises"
import { CryptoError, decodeUtf8, parseSeedshareOwnerKey, parseWorkloadOwnerKey } from "@contrast/crypto"
import { CliError } from "./error.ts"
import { readFileBounded } from "./file-reader.ts"
import type { Output } from "./output.ts"

const MAX_KEY_FILE_BYTES = 64 * 1024
const OTHERS_MAY_READ = 0o044

/** What an owner may do, and the kind of key that it takes. */
export type Owner = "workload" | "seedshare"

const KINDS: Readonly<Record<Owner, { readonly name: string; readonly parse: (pem: string) => KeyObject }>> = {
  workload: { name: "workload owner key (EC)", parse: parseWorkloadOwnerKey },
  seedshare: { name: "seed share owner key (RSA)", parse: parseSeedshareOwnerKey },
}

/**
 * Reads an owner's private key.
 *
 * @throws {@link CliError} `KEY_FILE`, or what reading a file throws.
 */
export async function readOwnerKey(owner: Owner, path: string, output: Output): Promise<KeyObject> {
  const origin = `contrast generate made ${owner}-owner.pem; --${owner}-owner-key names another`
  const pem = await readPem(path, origin)
  const key = parseKeyFile({ path, name: KINDS[owner].name, parse: () => KINDS[owner].parse(pem) })
  const { mode } = await stat(path)
  if ((mode & OTHERS_MAY_READ) !== 0) output.warn(`others may read ${path}: run chmod 600 ${path}`)
  return key
}

/**
 * The text of a key file.
 *
 * @param originHint - Where such a file comes from, for those who have none.
 */
export async function readPem(path: string, originHint?: string): Promise<string> {
  const bytes = await readFileBounded(path, MAX_KEY_FILE_BYTES, originHint)
  return parseKeyFile({ path, name: "PEM key", parse: () => decodeUtf8(bytes) })
}

/** Parses what a key file holds; a refusal names the file and what it should have been. */
export function parseKeyFile<T>(file: { readonly path: string; readonly name: string; readonly parse: () => T }): T {
  try {
    return file.parse()
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error
    throw new CliError("KEY_FILE", `${file.path} is no ${file.name}: ${error.message}`, {
      cause: error,
      hint: "name the right file, or move this one away and let contrast generate make a key",
    })
  }
}
