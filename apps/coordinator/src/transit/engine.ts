import { encodeBase64, openAes256Gcm, sealAes256Gcm } from "@contrast/crypto"
import { encodeCiphertext, NONCE_BYTES, type Ciphertext } from "./ciphertext.ts"
import type { EncryptionCounts } from "./encryption-counts.ts"
import { TransitError } from "./error.ts"
import type { TransitKeys } from "./keys.ts"
import { parseDataKeyItem, parseDecryptItem, parseEncryptItem, parseRewrapItem, type Fields } from "./request.ts"
import type { Operation } from "./route.ts"

/** The members of `data` in an answer, or of one result of a batch. */
export type Result = Readonly<Record<string, string | number>>

/** What the operations work with. */
export interface Engine {
  readonly keys: TransitKeys
  readonly counts: EncryptionCounts
  /** Random bytes for nonces and data keys. */
  readonly randomBytes: (size: number) => Uint8Array
}

/**
 * Carries out one operation with the keys of one workload.
 *
 * @param name - The caller's own workload secret ID; the caller has been authorised for it.
 * @throws {@link TransitError} `REQUEST`, or `DECRYPTION` if ciphertext, associated data and key do not fit.
 */
export function perform(engine: Engine, operation: Operation, name: string, fields: Fields): Result {
  switch (operation) {
    case "encrypt": {
      const { plaintext, associatedData, keyVersion } = parseEncryptItem(fields)
      return seal(engine, name, keyVersion, plaintext, associatedData)
    }
    case "decrypt": {
      const { ciphertext, associatedData } = parseDecryptItem(fields)
      return { plaintext: encodeBase64(open(engine, name, ciphertext, associatedData)) }
    }
    case "rewrap": {
      const { ciphertext, associatedData, keyVersion } = parseRewrapItem(fields)
      return seal(engine, name, keyVersion, open(engine, name, ciphertext, associatedData), associatedData)
    }
    case "datakey/plaintext":
    case "datakey/wrapped": {
      const { keyBytes, associatedData, keyVersion } = parseDataKeyItem(fields)
      const dataKey = engine.randomBytes(keyBytes)
      const wrapped = seal(engine, name, keyVersion, dataKey, associatedData)
      return operation === "datakey/wrapped" ? wrapped : { ...wrapped, plaintext: encodeBase64(dataKey) }
    }
  }
}

function seal(
  { keys, counts, randomBytes }: Engine,
  name: string,
  version: number,
  plaintext: Uint8Array,
  associatedData: Uint8Array | undefined,
): Result {
  const nonce = randomBytes(NONCE_BYTES)
  const sealed = sealAes256Gcm({
    key: keys.get(name, version),
    nonce,
    plaintext,
    ...(associatedData !== undefined && { associatedData }),
  })
  counts.add(name, version)
  return { ciphertext: encodeCiphertext(version, nonce, sealed), key_version: version }
}

function open(
  { keys }: Engine,
  name: string,
  { version, nonce, sealed }: Ciphertext,
  associatedData: Uint8Array | undefined,
): Uint8Array {
  try {
    return openAes256Gcm({
      key: keys.get(name, version),
      nonce,
      ciphertext: sealed,
      ...(associatedData !== undefined && { associatedData }),
    })
  } catch (cause) {
    throw new TransitError("DECRYPTION", "ciphertext, associated data and key do not belong together", { cause })
  }
}
