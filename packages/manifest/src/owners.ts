import {
  CryptoError,
  decodeHex,
  equalBytes,
  parseSeedshareOwnerPublicKey,
  parseWorkloadOwnerPublicKey,
  sha256,
} from "@contrast/crypto"
import { type ManifestProblem } from "./error.ts"
import { indexPath } from "./json-path.ts"
import { type Manifest } from "./manifest.ts"

/**
 * Whether the key is that of a workload owner, who may set the next manifest. Both forms in a manifest count: the key, and its digest.
 *
 * @param publicKey - PKIX DER of an EC key, as `encodeOwnerPublicKey` writes it. Possession of the key is not proven by this.
 */
export function isWorkloadOwner(manifest: Manifest, publicKey: Uint8Array): boolean {
  const digest = sha256(publicKey)
  return (
    manifest.workloadOwnerPubKeys.some((owner) => equalBytes(decodeHex(owner), publicKey)) ||
    manifest.workloadOwnerKeyDigests.some((owner) => equalBytes(decodeHex(owner), digest))
  )
}

/**
 * Whether the key is that of a seed share owner, who may recover.
 *
 * @param publicKey - PKCS#1 DER of an RSA key, as `encodeOwnerPublicKey` writes it. Possession of the key is not proven by this.
 */
export function isSeedshareOwner(manifest: Manifest, publicKey: Uint8Array): boolean {
  return manifest.seedshareOwnerPubKeys.some((owner) => equalBytes(decodeHex(owner), publicKey))
}

/** Which owner keys of a manifest cannot be used. */
export function findOwnerProblems(manifest: Manifest): readonly ManifestProblem[] {
  const { workloadOwnerPubKeys, seedshareOwnerPubKeys } = manifest
  return [
    ...findKeyProblems("$.WorkloadOwnerPubKeys", workloadOwnerPubKeys, parseWorkloadOwnerPublicKey),
    ...findKeyProblems("$.SeedshareOwnerPubKeys", seedshareOwnerPubKeys, parseSeedshareOwnerPublicKey),
  ]
}

function findKeyProblems(
  path: string,
  keys: readonly string[],
  parse: (der: Uint8Array) => unknown,
): readonly ManifestProblem[] {
  return keys.flatMap((key, index) => {
    try {
      parse(decodeHex(key))
      return []
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error
      return [{ code: "UNUSABLE_OWNER_KEY", path: indexPath(path, index), message: error.message }]
    }
  })
}
