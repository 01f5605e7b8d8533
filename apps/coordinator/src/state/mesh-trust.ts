import { AttestationError, validateEvidence, type Attested, type Evidence } from "@contrast/attestation"
import type { PolicyEntry } from "@contrast/manifest"
import { CoordinatorError } from "../error.ts"
import type { State } from "./state.ts"
import type { StateGuard } from "./state-guard.ts"

/** A client of the mesh that attested to a policy of the manifest in force. */
export interface MeshPeer {
  /** The state whose manifest its evidence was judged by, and which everything for it comes from. */
  readonly state: State
  readonly attested: Attested
  readonly entry: PolicyEntry
}

/** Told what happens. */
export interface MeshTrustEvents {
  attestationFailed(): void
}

/** Judges the clients of the mesh by the manifest in force. */
export class MeshTrust {
  readonly #guard: StateGuard
  readonly #now: () => Date
  readonly #events: MeshTrustEvents
  /** By which state each client was judged. */
  readonly #judgedBy = new WeakMap<Attested, State>()

  constructor(guard: StateGuard, now: () => Date, events: MeshTrustEvents) {
    this.#guard = guard
    this.#now = now
    this.#events = events
  }

  /**
   * Judges evidence, in the handshake or after it.
   *
   * @throws {@link CoordinatorError} `MESH_NOT_READY`; {@link AttestationError}.
   */
  async validate(evidence: Evidence, reportData: Uint8Array): Promise<Attested> {
    const situation = this.#guard.current()
    if (situation.kind !== "active") throw notReady()
    try {
      const context = { reportData, now: this.#now() }
      const attested = await validateEvidence(situation.state.validators, evidence, context)
      this.#judgedBy.set(attested, situation.state)
      return attested
    } catch (error) {
      if (error instanceof AttestationError) this.#events.attestationFailed()
      throw error
    }
  }

  /**
   * The client as the manifest knows it. A client that was judged by an earlier state has to attest again: the new
   * manifest may have other reference values.
   *
   * @throws {@link CoordinatorError} `MESH_NOT_READY`, `MESH_STATE_CHANGED` or `POLICY_NOT_FOUND`.
   */
  identify(attested: Attested): MeshPeer {
    const situation = this.#guard.current()
    if (situation.kind !== "active") throw notReady()
    const { state } = situation
    if (this.#judgedBy.get(attested) !== state) {
      throw new CoordinatorError("MESH_STATE_CHANGED", "the manifest has changed since the attestation, connect again")
    }
    const entry = state.manifest.policies.get(attested.policyHash)
    if (entry === undefined) {
      throw new CoordinatorError("POLICY_NOT_FOUND", `policy hash ${attested.policyHash} not found in manifest`)
    }
    return { state, attested, entry }
  }
}

function notReady(): CoordinatorError {
  return new CoordinatorError("MESH_NOT_READY", "the coordinator has no manifest, or needs recovery")
}
