import type { KeyObject } from "node:crypto"
import { createSeedEngine, encodeHex, equalBytes, type SeedEngine } from "@contrast/crypto"
import {
  HASH_BYTES,
  ManifestError,
  NO_TRANSITION,
  parseLatestTransition,
  parseManifest,
  parseTransition,
  verifyLatestTransition,
  type LatestTransition,
  type Manifest,
} from "@contrast/manifest"
import { CoordinatorError } from "../error.ts"
import { loadHistory, readingHistory, readObject, type History } from "../history/history.ts"
import type { HistoryStore } from "../history/history-store.ts"
import { requireSeedshareOwner } from "./consent.ts"
import type { Coordinator } from "./coordinator.ts"
import { requireSecurityLevel } from "./security-level.ts"
import { createState } from "./state.ts"

/** What a user brings to a recovery. Nothing in it has been checked. */
export interface RecoveryRequest {
  /** Secret. */
  readonly seed: Uint8Array
  readonly salt: Uint8Array
  /** Recover even though another Coordinator could be asked for the state. */
  readonly force: boolean
  /** A transition that the history must contain, if the user remembers one. */
  readonly expectedTransitionHash: Uint8Array | undefined
  /** Of the client's certificate; TLS has proven possession. */
  readonly clientKey: KeyObject | undefined
}

/** The end of the history as it lies in the store: its hashes hold, its signature has not been checked. */
interface Persisted {
  readonly latest: LatestTransition
  readonly manifest: Manifest
  readonly manifestBytes: Uint8Array
}

/**
 * Recovers the state that the store holds with the seed that only its owners have. The seed is looked at when the client
 * has been found to be an owner; it is right if the key derived from it signed the end of the history.
 *
 * @throws {@link CoordinatorError} or {@link CryptoError} with the reason; nothing has changed then.
 */
export async function recover(coordinator: Coordinator, request: RecoveryRequest): Promise<void> {
  const { guard, store, allowInsecure, log } = coordinator
  const situation = guard.current()
  if (situation.kind === "active") throw alreadyRecovered()
  if (situation.kind === "uninitialised") throw noState()
  if (!request.force) await requireNoRecoveredPeers(coordinator)

  const persisted = await resetting(() => readPersisted(store))
  requireSecurityLevel(persisted.manifest, allowInsecure, "RECOVERY_SECURITY_LEVEL")
  const ownerKeyDigest = requireSeedshareOwner(request.clientKey, persisted.manifest)
  const seedEngine = createSeedEngine(request.seed, request.salt)
  requireOwnSignature(seedEngine, persisted.latest)
  const history = await resetting(() => loadHistory(store, persisted.latest.transitionHash))
  requireContained(request.expectedTransitionHash, history)

  const state = createState({ seedEngine, history, ...persisted }, coordinator)
  if (!guard.compareAndSwap(situation, state)) throw alreadyRecovered()
  log.audit("the state was recovered", {
    event: "recovered",
    ownerKeyDigest,
    generation: history.transitions.length,
    transitionHash: encodeHex(state.latest.transitionHash),
  })
}

async function requireNoRecoveredPeers({ findRecoveredPeers }: Coordinator): Promise<void> {
  const peers = await findRecoveredPeers().catch((cause: unknown) => {
    throw new CoordinatorError("PEER_LOOKUP", "listing peers: the lookup failed", { cause })
  })
  if (peers.length === 0) return
  const message = `rejecting user recovery because ${peers.length} recovered peers are available`
  throw new CoordinatorError("RECOVERED_PEERS", message)
}

async function readPersisted(store: HistoryStore): Promise<Persisted> {
  const bytes = await store.latest()
  if (bytes === undefined) throw noState()
  const latest = parseLatestTransition(bytes)
  const transition = parseTransition(await readObject(store, "transitions", encodeHex(latest.transitionHash)))
  const manifestBytes = await readObject(store, "manifests", encodeHex(transition.manifestHash))
  return { latest, manifestBytes, manifest: parseManifest(manifestBytes) }
}

function resetting<T>(read: () => Promise<T>): Promise<T> {
  return readingHistory("RECOVERY_HISTORY", "resetting state", read)
}

function requireOwnSignature({ transactionSigningKey }: SeedEngine, latest: LatestTransition): void {
  try {
    verifyLatestTransition(transactionSigningKey, latest)
  } catch (cause) {
    if (!(cause instanceof ManifestError)) throw cause
    const message = "the history is not signed by the key of this seed and salt: another seed, or an altered history"
    throw new CoordinatorError("WRONG_SEED", message, { cause })
  }
}

/** A signature does not keep an older history from being put back; the user's memory does. */
function requireContained(expected: Uint8Array | undefined, { transitions }: History): void {
  if (expected === undefined) return
  if (expected.length !== HASH_BYTES) {
    const message = `expected a transition hash of ${HASH_BYTES} bytes, got ${expected.length}`
    throw new CoordinatorError("TRANSITION_HASH", message)
  }
  const hash = encodeHex(expected)
  if (equalBytes(expected, NO_TRANSITION) || transitions.includes(hash)) return
  const message = `the history does not contain transition ${hash}: it was rolled back, or is another one`
  throw new CoordinatorError("ROLLBACK", message)
}

function noState(): CoordinatorError {
  return new CoordinatorError("NO_STATE", "no state to recover from")
}

function alreadyRecovered(): CoordinatorError {
  return new CoordinatorError("ALREADY_RECOVERED", "coordinator is already recovered")
}
