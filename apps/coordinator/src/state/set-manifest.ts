import { randomBytes } from "node:crypto"
import {
  createSeedEngine,
  encodeHex,
  SALT_BYTES,
  sealSeedShares,
  SEED_BYTES,
  sha256,
  type SeedShareDocument,
} from "@contrast/crypto"
import {
  encodeLatestTransition,
  encodeTransition,
  nextTransition,
  NO_TRANSITION,
  signLatestTransition,
  transitionHash,
  type Transition,
} from "@contrast/manifest"
import { CoordinatorError } from "../error.ts"
import { EMPTY_HISTORY, extendHistory, referencesOf } from "../history/history.ts"
import type { Commit, StoredObject } from "../history/history-store.ts"
import { admit, type Admitted, type Proposal } from "./admission.ts"
import type { Coordinator } from "./coordinator.ts"
import { needsRecovery } from "./state-guard.ts"
import { createState, type State } from "./state.ts"

/** What came of a set. */
export interface ManifestSet {
  readonly state: State
  /** Only after the first set: the seed is shared once. */
  readonly seedShares: SeedShareDocument | undefined
}

/** From one state, or none, to the next. */
interface Step {
  readonly proposal: Proposal
  readonly admitted: Admitted
  readonly transition: Transition
  readonly previous: State | undefined
}

/**
 * Makes a proposal the next manifest. When this returns, it is on the disk and in force.
 *
 * @throws {@link CoordinatorError} `NEEDS_RECOVERY`, `CONFLICT`, `STORE`, `STORE_FULL`, and whatever `admit` throws.
 *   Nothing has changed then.
 */
export function setManifest(coordinator: Coordinator, proposal: Proposal): Promise<ManifestSet> {
  return coordinator.guard.changing(() => change(coordinator, proposal))
}

async function change(coordinator: Coordinator, proposal: Proposal): Promise<ManifestSet> {
  const situation = coordinator.guard.current()
  if (situation.kind === "needs-recovery") throw needsRecovery()
  const previous = situation.kind === "active" ? situation.state : undefined
  const admitted = admit(proposal, previous, coordinator.allowInsecure)

  const transition = nextTransition(proposal.manifestBytes, previous?.latest.transitionHash ?? NO_TRANSITION)
  const step = { proposal, admitted, transition, previous }
  const state = nextState(step, coordinator)
  const seedShares = previous === undefined ? shareSeed(state) : undefined
  const outcome = await coordinator.store.commit(commitOf(step, state))

  if (outcome === "conflict" || !coordinator.guard.compareAndSwap(situation, state)) {
    const message = "updating Coordinator state: coordinator state was updated concurrently, try again"
    throw new CoordinatorError("CONFLICT", message)
  }
  audit(coordinator, state, admitted)
  return { state, seedShares }
}

function nextState({ proposal, admitted, transition, previous }: Step, coordinator: Coordinator): State {
  const seedEngine = previous?.seedEngine ?? createSeedEngine(randomBytes(SEED_BYTES), randomBytes(SALT_BYTES))
  const hash = transitionHash(transition)
  const { manifestBytes } = proposal
  const history = extendHistory(previous?.history ?? EMPTY_HISTORY, {
    transition: encodeHex(hash),
    manifest: encodeHex(transition.manifestHash),
    manifestBytes,
    policies: admitted.policies,
  })
  const latest = signLatestTransition(seedEngine.transactionSigningKey, hash)
  return createState({ seedEngine, history, latest, manifest: admitted.manifest, manifestBytes }, coordinator)
}

function shareSeed({ seedEngine: { seed, salt }, manifest }: State): SeedShareDocument {
  return sealSeedShares({ seed, salt, ownerPublicKeys: manifest.seedshareOwnerPubKeys })
}

function commitOf({ proposal, admitted, transition, previous }: Step, { history, latest }: State): Commit {
  return {
    objects: [
      ...[...admitted.policies.values()].map((policy) => objectOf("policies", policy)),
      objectOf("manifests", proposal.manifestBytes),
      objectOf("transitions", encodeTransition(transition)),
    ],
    expectedLatest: previous && encodeLatestTransition(previous.latest),
    latest: encodeLatestTransition(latest),
    referenced: () => referencesOf(history),
  }
}

function objectOf(kind: StoredObject["kind"], bytes: Uint8Array): StoredObject {
  return { kind, hash: encodeHex(sha256(bytes)), bytes }
}

function audit({ log }: Coordinator, { history, latest }: State, { consent }: Admitted): void {
  log.audit("the manifest was set", {
    event: "manifest-set",
    consent: consent.kind,
    ...(consent.kind === "owner-key" && { ownerKeyDigest: consent.ownerKeyDigest }),
    generation: history.transitions.length,
    transitionHash: encodeHex(latest.transitionHash),
  })
}
