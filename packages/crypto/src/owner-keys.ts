import { type KeyObject, createPrivateKey, generateKeyPair, generateKeyPairSync } from "node:crypto"
import { promisify } from "node:util"
import { CryptoError } from "./error.ts"
import { checkSeedshareOwnerKey, checkWorkloadOwnerKey } from "./owner-key-type.ts"
import { describePem } from "./pem.ts"

const SEEDSHARE_OWNER_KEY_BITS = 4096

/** Makes a workload owner key: a P-384 private key. */
export function generateWorkloadOwnerKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey
}

/** Makes a seed share owner key: an RSA private key of 4096 bits. Takes about a second. */
export async function generateSeedshareOwnerKey(): Promise<KeyObject> {
  const pair = await promisify(generateKeyPair)("rsa", { modulusLength: SEEDSHARE_OWNER_KEY_BITS })
  return pair.privateKey
}

/** SEC1 PEM (`EC PRIVATE KEY`) of an EC private key. Secret. */
export function encodeWorkloadOwnerKey(key: KeyObject): string {
  checkWorkloadOwnerKey(key)
  return key.export({ type: "sec1", format: "pem" }).toString()
}

/** PKCS#1 PEM (`RSA PRIVATE KEY`) of an RSA private key. Secret. */
export function encodeSeedshareOwnerKey(key: KeyObject): string {
  checkSeedshareOwnerKey(key)
  return key.export({ type: "pkcs1", format: "pem" }).toString()
}

/**
 * Reads a workload owner's private key from PEM (SEC1 or PKCS#8, no passphrase).
 *
 * @returns An EC private key on P-384, or on P-256 or P-521, which older deployments may use.
 * @throws {@link CryptoError} `KEY_ENCODING` or `KEY_TYPE`; the message says what came.
 */
export function parseWorkloadOwnerKey(pem: string): KeyObject {
  return checkWorkloadOwnerKey(parsePrivatePem(pem))
}

/**
 * Reads a seed share owner's private key from PEM (PKCS#1 or PKCS#8, no passphrase).
 *
 * @returns An RSA private key of 2048 to 16384 bits.
 * @throws {@link CryptoError} `KEY_ENCODING`, `KEY_TYPE` or `KEY_SIZE`; the message says what came.
 */
export function parseSeedshareOwnerKey(pem: string): KeyObject {
  return checkSeedshareOwnerKey(parsePrivatePem(pem))
}

function parsePrivatePem(pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw new CryptoError("KEY_ENCODING", `expected a PEM private key without passphrase, got ${describePem(pem)}`, {
      cause,
    })
  }
}
