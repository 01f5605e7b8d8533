import { type KeyObject } from "node:crypto"
import { decodeHex, encodeHex, encodeUtf8 } from "./bytes.ts"
import { CryptoError } from "./error.ts"
import { encodeOwnerPublicKey, parseSeedshareOwnerPublicKey } from "./owner-public-keys.ts"
import { openRsaOaep, sealRsaOaep } from "./rsa-oaep.ts"
import { type SeedShareDocument } from "./seed-share-document.ts"

const LABEL = encodeUtf8("seedshare")

/** Inputs of {@link sealSeedShares}. */
export interface SeedShareInputs {
  /** Secret. */
  readonly seed: Uint8Array
  readonly salt: Uint8Array
  /** Hex of PKCS#1 DER, as in the manifest; kept as it is spelled. */
  readonly ownerPublicKeys: readonly string[]
}

/**
 * Encrypts the seed to every owner, in the order of the manifest (RSA-OAEP with SHA-256, RFC 8017 §7.1).
 *
 * @throws {@link CryptoError} `HEX`, or the codes of {@link parseSeedshareOwnerPublicKey}.
 */
export function sealSeedShares({ seed, salt, ownerPublicKeys }: SeedShareInputs): SeedShareDocument {
  const seedShares = ownerPublicKeys.map((publicKey) => ({
    publicKey,
    encryptedSeed: sealRsaOaep(parseSeedshareOwnerPublicKey(decodeHex(publicKey)), LABEL, seed),
  }))
  return { seedShares, salt }
}

/**
 * Decrypts the share of the owner whose private key is given.
 *
 * @returns The seed. Secret, and unproven: whoever knows an owner's public key can make such a share.
 * @throws {@link CryptoError} `SHARE_NOT_FOUND` when no share names this key, `OPEN_FAILED` when the share does not open,
 *   `KEY_TYPE` when the key is no RSA key.
 */
export function openSeedShare(document: SeedShareDocument, privateKey: KeyObject): Uint8Array {
  const owner = encodeHex(encodeOwnerPublicKey(privateKey))
  const share = document.seedShares.find(({ publicKey }) => publicKey.toLowerCase() === owner)
  if (share === undefined) {
    throw new CryptoError("SHARE_NOT_FOUND", `none of the ${document.seedShares.length} seed shares is for this key`)
  }
  return openRsaOaep(privateKey, LABEL, share.encryptedSeed)
}
