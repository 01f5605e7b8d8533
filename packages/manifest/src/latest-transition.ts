import type { KeyObject } from "node:crypto"
import { concatBytes, signDigest, verifyDigest } from "@contrast/crypto"
import { ManifestError, type ManifestErrorCode } from "./error.ts"
import { HASH_BYTES } from "./transition.ts"

/** The end of a history, signed by the Coordinator. The signature does not keep an older end from being put back. */
export interface LatestTransition {
  /** 32 bytes. */
  readonly transitionHash: Uint8Array
  /** ECDSA P-384, ASN.1 DER, over the transition hash itself as the digest. */
  readonly signature: Uint8Array
}

/** Two numbers of at most 49 bytes in a sequence, each with two bytes of header. */
const MAX_SIGNATURE_BYTES = 104

/**
 * Signs the end of a history.
 *
 * @param signingKey - The transaction signing key of the seed engine.
 */
export function signLatestTransition(signingKey: KeyObject, transitionHash: Uint8Array): LatestTransition {
  return { transitionHash, signature: signDigest(signingKey, transitionHash) }
}

/**
 * Checks the Coordinator's signature.
 *
 * @param publicKey - The transaction signing key; its private half will do.
 * @throws {@link ManifestError} `HISTORY_SIGNATURE`.
 */
export function verifyLatestTransition(publicKey: KeyObject, { transitionHash, signature }: LatestTransition): void {
  if (!verifyDigest(publicKey, transitionHash, signature)) {
    throw refusal("HISTORY_SIGNATURE", "the latest transition is not signed with the key of this seed")
  }
}

/** The transition hash, then the signature. */
export function encodeLatestTransition({ transitionHash, signature }: LatestTransition): Uint8Array {
  return concatBytes(transitionHash, signature)
}

/**
 * Reads the end of a history. The signature is not looked at, see {@link verifyLatestTransition}.
 *
 * @param bytes - 33 to 136 bytes, copied.
 * @throws {@link ManifestError} `LATEST_TRANSITION_SIZE`.
 */
export function parseLatestTransition(bytes: Uint8Array): LatestTransition {
  const max = HASH_BYTES + MAX_SIGNATURE_BYTES
  if (bytes.length <= HASH_BYTES || bytes.length > max) {
    throw refusal("LATEST_TRANSITION_SIZE", `expected ${HASH_BYTES + 1} to ${max} bytes, got ${bytes.length}`)
  }
  // Of a Buffer, slice would share the bytes.
  const copy = Uint8Array.from(bytes)
  return { transitionHash: copy.slice(0, HASH_BYTES), signature: copy.slice(HASH_BYTES) }
}

function refusal(code: ManifestErrorCode, message: string): ManifestError {
  return new ManifestError([{ code, path: "transitions/latest", message }])
}
