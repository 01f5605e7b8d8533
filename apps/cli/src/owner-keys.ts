import type { KeyObject } from "node:crypto"
import {
  encodeHex,
  encodeOwnerPublicKey,
  encodeSeedshareOwnerKey,
  encodeUtf8,
  encodeWorkloadOwnerKey,
  generateSeedshareOwnerKey,
  generateWorkloadOwnerKey,
  parseSeedshareOwnerPublicKey,
  parseWorkloadOwnerPublicKey,
} from "@contrast/crypto"
import { fileExists } from "./file-reader.ts"
import type { FileWrite } from "./files.ts"
import { type Owner, parseKeyFile, readPem } from "./owner-key-file.ts"

/** The owners that a manifest is to name. */
export interface OwnerKeys {
  /** In hex, as the manifest has them. */
  readonly publicKeys: readonly string[]
  /** A private key that was made because there was none. */
  readonly created: FileWrite | undefined
}

interface OwnerKeyKind {
  readonly name: string
  readonly parsePublic: (pem: string) => KeyObject
  readonly generate: () => Promise<KeyObject>
  readonly encode: (key: KeyObject) => string
}

const KINDS: Readonly<Record<Owner, OwnerKeyKind>> = {
  workload: {
    name: "workload owner key (EC)",
    parsePublic: parseWorkloadOwnerPublicKey,
    generate: () => Promise.resolve(generateWorkloadOwnerKey()),
    encode: encodeWorkloadOwnerKey,
  },
  seedshare: {
    name: "seed share owner key (RSA)",
    parsePublic: parseSeedshareOwnerPublicKey,
    generate: generateSeedshareOwnerKey,
    encode: encodeSeedshareOwnerKey,
  },
}

/**
 * Reads the public or private keys of owners. A key is made if exactly one file is named, and it does not exist.
 *
 * @throws `CliError` `KEY_FILE`, or what reading a file throws.
 */
export async function openOwnerKeys(owner: Owner, paths: readonly string[]): Promise<OwnerKeys> {
  const kind = KINDS[owner]
  const [only, ...others] = paths
  if (only !== undefined && others.length === 0 && !(await fileExists(only))) return createKey(kind, only)
  const keys = await Promise.all(paths.map((path) => readPublicKey(kind, path)))
  return { publicKeys: keys.map(toHex), created: undefined }
}

async function createKey(kind: OwnerKeyKind, path: string): Promise<OwnerKeys> {
  const key = await kind.generate()
  return { publicKeys: [toHex(key)], created: { path, content: encodeUtf8(kind.encode(key)), isKey: true } }
}

async function readPublicKey({ name, parsePublic }: OwnerKeyKind, path: string): Promise<KeyObject> {
  const pem = await readPem(path)
  return parseKeyFile({ path, name, parse: () => parsePublic(pem) })
}

function toHex(key: KeyObject): string {
  return encodeHex(encodeOwnerPublicKey(key))
}
