import type { KeyObject } from "node:crypto"
import {
  CryptoError,
  decodeHex,
  encodeHex,
  encodeUtf8,
  parseWorkloadOwnerPublicKey,
  signSha256,
  verifySha256,
} from "@contrast/crypto"
import { ManifestError, type ManifestErrorCode } from "./error.ts"
import { type Manifest } from "./manifest.ts"

/** What an owner signs: the hash of the next transition as 64 lower-case hex digits, so that `openssl dgst` can sign it. */
export function ownerSignatureMessage(transitionHash: Uint8Array): Uint8Array {
  return encodeUtf8(encodeHex(transitionHash))
}

/**
 * Signs the next transition as a workload owner, away from any Coordinator.
 *
 * @returns ECDSA over SHA-256 of the message, ASN.1 DER.
 */
export function signTransition(ownerKey: KeyObject, transitionHash: Uint8Array): Uint8Array {
  return signSha256(ownerKey, ownerSignatureMessage(transitionHash))
}

/**
 * Checks that a workload owner of the manifest signed the next transition.
 *
 * @param manifest - The one in force, which decides who may replace it; for a first manifest, that manifest itself.
 * @throws {@link ManifestError} `OWNER_MISSING` when the manifest has no workload owner, else `OWNER_SIGNATURE`.
 */
export function verifyTransitionSignature(manifest: Manifest, transitionHash: Uint8Array, signature: Uint8Array): void {
  const { workloadOwnerPubKeys, workloadOwnerKeyDigests } = manifest
  if (workloadOwnerPubKeys.length + workloadOwnerKeyDigests.length === 0) {
    throw refusal("OWNER_MISSING", "the manifest names no workload owner, so it can never be replaced")
  }
  const message = ownerSignatureMessage(transitionHash)
  if (workloadOwnerPubKeys.some((owner) => isSignedBy(owner, message, signature))) return
  // A signature can only be checked with a key, and of these owners the manifest has no more than a digest.
  const hint = workloadOwnerKeyDigests.length === 0 ? "" : "; owners named by digest must connect with their key"
  throw refusal("OWNER_SIGNATURE", `the transition is not signed by a workload owner of the manifest${hint}`)
}

function isSignedBy(owner: string, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verifySha256(parseWorkloadOwnerPublicKey(decodeHex(owner)), message, signature)
  } catch (error) {
    // Manifests of the established implementation may name keys that it never looked at.
    if (error instanceof CryptoError) return false
    throw error
  }
}

function refusal(code: ManifestErrorCode, message: string): ManifestError {
  return new ManifestError([{ code, path: "$.WorkloadOwnerPubKeys", message }])
}
