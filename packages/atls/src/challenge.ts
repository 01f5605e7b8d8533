import { ProtocolError } from "@contrast/protocol"
import { newNonce } from "./nonce.ts"

/** How long a client has to answer. */
export const CHALLENGE_TTL_MS = 60_000

/** The challenge of one connection: at most one is open, and it is good for one answer. */
export class Challenge {
  #open: { readonly nonce: Uint8Array; readonly expiresAt: number } | undefined

  /** Opens a new challenge; one that was open is void. */
  open(now: Date): Uint8Array {
    const nonce = newNonce()
    this.#open = { nonce, expiresAt: now.getTime() + CHALLENGE_TTL_MS }
    return nonce
  }

  /**
   * Uses the challenge up, whatever comes of the answer.
   *
   * @throws ProtocolError `CHALLENGE` if none is open or it has expired.
   */
  take(now: Date): Uint8Array {
    const open = this.#open
    this.#open = undefined
    if (open === undefined) throw new ProtocolError("CHALLENGE", "no challenge is open on this connection")
    if (now.getTime() > open.expiresAt) throw new ProtocolError("CHALLENGE", "the challenge has expired")
    return open.nonce
  }
}
