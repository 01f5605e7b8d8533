import { randomBytes } from "node:crypto"
import { NONCE_BYTES } from "@contrast/attestation"

/** A nonce for evidence of the other side. */
export function newNonce(): Uint8Array {
  return randomBytes(NONCE_BYTES)
}
