import { decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } from "./bytes.ts"
import { CryptoError } from "./error.ts"
import { SALT_BYTES } from "./seed-engine.ts"

const MAX_DOCUMENT_BYTES = 1024 * 1024

/** The seed, encrypted to one seed share owner. */
export interface SeedShare {
  /** Hex of the owner's PKCS#1 DER, spelled as in the manifest. */
  readonly publicKey: string
  /** RSA-OAEP (SHA-256, label `seedshare`) of the seed. */
  readonly encryptedSeed: Uint8Array
}

/** What the owners keep to recover a Coordinator: one share each, and the salt. */
export interface SeedShareDocument {
  readonly seedShares: readonly SeedShare[]
  readonly salt: Uint8Array
}

/** The bytes of `seed-shares.json`: two spaces of indent, no newline at the end, empty fields left out. */
export function encodeSeedShareDocument({ seedShares, salt }: SeedShareDocument): Uint8Array {
  const shares = seedShares.map(({ publicKey, encryptedSeed }) => ({
    PublicKey: publicKey,
    EncryptedSeed: encodeBase64(encryptedSeed),
  }))
  const json = { ...(shares.length > 0 && { SeedShares: shares }), salt: encodeBase64(salt) }
  return encodeUtf8(JSON.stringify(json, undefined, 2))
}

/**
 * Reads `seed-shares.json`. Keys count in any case, as for other readers of this file; unknown keys are refused.
 *
 * @throws {@link CryptoError} `SHARE_DOCUMENT` when it is not such a file (truncated, another file, over 1 MiB),
 *   `SALT_SIZE` when the salt is not 32 bytes.
 */
export function parseSeedShareDocument(bytes: Uint8Array): SeedShareDocument {
  const { seedshares: shares = [], salt: saltField, ...rest } = parseObject(parseJson(bytes), "$")
  refuseOthers(rest, "$")
  if (!Array.isArray(shares)) {
    throw new CryptoError("SHARE_DOCUMENT", "expected a list at $.SeedShares")
  }
  const salt = parseBase64(saltField, "$.salt")
  if (salt.length !== SALT_BYTES) {
    throw new CryptoError("SALT_SIZE", `expected a salt of ${SALT_BYTES} bytes, got ${salt.length}`)
  }
  return { seedShares: shares.map((share, index) => parseShare(share, `$.SeedShares[${index}]`)), salt }
}

function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_DOCUMENT_BYTES) {
    throw new CryptoError("SHARE_DOCUMENT", `expected at most ${MAX_DOCUMENT_BYTES} bytes, got ${bytes.length}`)
  }
  try {
    return JSON.parse(decodeUtf8(bytes))
  } catch {
    // Not handed on as the cause: its message quotes the text, and a file given by mistake may hold a secret.
    throw new CryptoError("SHARE_DOCUMENT", "expected JSON")
  }
}

function parseShare(value: unknown, path: string): SeedShare {
  const { publickey: publicKey, encryptedseed: encryptedSeed, ...rest } = parseObject(value, path)
  refuseOthers(rest, path)
  if (typeof publicKey !== "string" || !/^(?:[0-9a-f]{2})+$/i.test(publicKey)) {
    throw new CryptoError("SHARE_DOCUMENT", `expected hex digits at ${path}.PublicKey`)
  }
  return { publicKey, encryptedSeed: parseBase64(encryptedSeed, `${path}.EncryptedSeed`) }
}

/** The fields of a JSON object under their lower-case names. */
function parseObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new CryptoError("SHARE_DOCUMENT", `expected an object at ${path}`)
  }
  const entries = Object.entries(value)
  const fields = new Map<string, unknown>(entries.map(([name, field]) => [name.toLowerCase(), field]))
  if (fields.size !== entries.length) {
    throw new CryptoError("SHARE_DOCUMENT", `expected every key once at ${path}`)
  }
  return Object.fromEntries(fields)
}

function parseBase64(value: unknown, path: string): Uint8Array {
  if (typeof value !== "string") {
    throw new CryptoError("SHARE_DOCUMENT", `expected base64 at ${path}`)
  }
  try {
    return decodeBase64(value)
  } catch (cause) {
    throw new CryptoError("SHARE_DOCUMENT", `expected base64 at ${path}`, { cause })
  }
}

function refuseOthers(rest: Record<string, unknown>, path: string): void {
  const [name] = Object.keys(rest)
  if (name !== undefined) {
    throw new CryptoError("SHARE_DOCUMENT", `unknown key ${JSON.stringify(name)} at ${path}`)
  }
}
