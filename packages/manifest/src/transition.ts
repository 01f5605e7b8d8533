import { concatBytes, sha256 } from "@contrast/crypto"
import { ManifestError } from "./error.ts"

/** Size of a SHA-256 hash: of a manifest, a policy, or a transition. */
export const HASH_BYTES: number = 32

/** One step of the history: which manifest was set, and what came before. */
export interface Transition {
  /** 32 bytes: SHA-256 of the manifest, byte for byte as it was set. */
  readonly manifestHash: Uint8Array
  /** 32 bytes: {@link transitionHash} of the step before; {@link NO_TRANSITION} in the first. */
  readonly previousTransitionHash: Uint8Array
}

/** What the first transition follows: 32 zero bytes, which are the hash of nothing. Not to be written to. */
export const NO_TRANSITION: Uint8Array = new Uint8Array(HASH_BYTES)

/** The transition to a manifest. */
export function nextTransition(manifestBytes: Uint8Array, previousTransitionHash: Uint8Array): Transition {
  return { manifestHash: sha256(manifestBytes), previousTransitionHash }
}

/** 64 bytes: the manifest hash, then the hash of the previous transition. */
export function encodeTransition({ manifestHash, previousTransitionHash }: Transition): Uint8Array {
  for (const hash of [manifestHash, previousTransitionHash]) {
    if (hash.length !== HASH_BYTES) throw new RangeError(`expected a hash of ${HASH_BYTES} bytes, got ${hash.length}`)
  }
  return concatBytes(manifestHash, previousTransitionHash)
}

/**
 * Reads a transition. Any 64 bytes are one; only its hash tells whether it is the wanted one.
 *
 * @param bytes - 64 bytes, copied.
 * @throws {@link ManifestError} `TRANSITION_SIZE`.
 */
export function parseTransition(bytes: Uint8Array): Transition {
  if (bytes.length !== 2 * HASH_BYTES) {
    const message = `expected ${2 * HASH_BYTES} bytes, got ${bytes.length}`
    throw new ManifestError([{ code: "TRANSITION_SIZE", path: "transitions", message }])
  }
  // Of a Buffer, slice would share the bytes.
  const copy = Uint8Array.from(bytes)
  return { manifestHash: copy.slice(0, HASH_BYTES), previousTransitionHash: copy.slice(HASH_BYTES) }
}

/** SHA-256 of the encoded transition: it stands for the whole history up to here. */
export function transitionHash(transition: Transition): Uint8Array {
  return sha256(encodeTransition(transition))
}
