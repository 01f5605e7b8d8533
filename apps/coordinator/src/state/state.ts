import { type Validator, validatorsFor } from "@contrast/attestation"
import type { SeedEngine } from "@contrast/crypto"
import type { LatestTransition, Manifest } from "@contrast/manifest"
import type { History } from "../history/history.ts"
import { createAuthority, type Authority } from "./authority.ts"
import type { Coordinator } from "./coordinator.ts"

/** Everything that the Coordinator knows at one moment; never changed, only replaced. */
export interface State {
  readonly seedEngine: SeedEngine
  readonly history: History
  readonly latest: LatestTransition
  readonly manifest: Manifest
  /** The active manifest, byte for byte. */
  readonly manifestBytes: Uint8Array
  /** Judge evidence by the active manifest. */
  readonly validators: readonly Validator[]
  readonly authority: Authority
}

/** Creates a state, with a new mesh CA key, so that no certificate of an earlier manifest is good under this one. */
export function createState(
  parts: Omit<State, "validators" | "authority">,
  { trust, now }: Pick<Coordinator, "trust" | "now">,
): State {
  return {
    ...parts,
    // Whoever asks for something is told that its policy is not found; a handshake could not say so.
    validators: validatorsFor(parts.manifest, trust, "any"),
    authority: createAuthority(parts.seedEngine.rootCaKey, now()),
  }
}
