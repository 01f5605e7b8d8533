import type { KeyObject } from "node:crypto"
import { encodeHex, equalBytes, sha256 } from "@contrast/crypto"
import {
  MAX_TRANSITIONS,
  NO_TRANSITION,
  parseManifest,
  validateManifest,
  type Manifest,
  type PolicyHash,
} from "@contrast/manifest"
import { CoordinatorError } from "../error.ts"
import { bytesAdded, EMPTY_HISTORY, MAX_HISTORY_BYTES, type History } from "../history/history.ts"
import { requireConsent, type Consent } from "./consent.ts"
import { requireSecurityLevel } from "./security-level.ts"
import type { State } from "./state.ts"

/** A manifest that someone wants to be the next. Nothing in it has been checked. */
export interface Proposal {
  readonly manifestBytes: Uint8Array
  readonly policies: readonly Uint8Array[]
  /** What the sender believes to be the latest transition, if they want that checked. */
  readonly previousTransitionHash: Uint8Array | undefined
  readonly signature: Uint8Array | undefined
  /** Of the client's certificate; TLS has proven possession. */
  readonly clientKey: KeyObject | undefined
}

/** A proposal that may become the next manifest. */
export interface Admitted {
  readonly manifest: Manifest
  readonly policies: ReadonlyMap<PolicyHash, Uint8Array>
  readonly consent: Consent
}

/**
 * Decides whether a proposal may become the next manifest. Who asks comes first, so that nobody else learns more.
 *
 * @param previous - The state that it would replace, if any.
 * @throws {@link ManifestError} on a manifest that is not good in itself; {@link CoordinatorError} for other reasons.
 */
export function admit(proposal: Proposal, previous: State | undefined, allowInsecure: boolean): Admitted {
  const manifest = parseManifest(proposal.manifestBytes)
  const consent = requireConsent(proposal, manifest, previous)
  requireSameSeedshareOwners(manifest, previous)
  requirePreviousTransition(proposal.previousTransitionHash, previous)
  requireSecurityLevel(manifest, allowInsecure, "SECURITY_LEVEL")
  validateManifest(manifest, proposal.manifestBytes)
  const policies = requireExactPolicies(manifest, proposal.policies)
  requireRoom(proposal.manifestBytes, policies, previous?.history ?? EMPTY_HISTORY)
  return { manifest, policies, consent }
}

/** The seed has been shared already, so its owners are what they are: in the same order and spelling. */
function requireSameSeedshareOwners({ seedshareOwnerPubKeys }: Manifest, previous: State | undefined): void {
  const owners = previous?.manifest.seedshareOwnerPubKeys ?? seedshareOwnerPubKeys
  if (JSON.stringify(owners) === JSON.stringify(seedshareOwnerPubKeys)) return
  throw new CoordinatorError("SEEDSHARE_OWNERS_CHANGED", "changes to seedshare owners are not allowed")
}

function requirePreviousTransition(expected: Uint8Array | undefined, previous: State | undefined): void {
  const latest = previous?.latest.transitionHash ?? NO_TRANSITION
  if (expected === undefined || equalBytes(expected, latest)) return
  const [wanted, actual] = [encodeHex(expected.subarray(0, NO_TRANSITION.length)), encodeHex(latest)]
  const reason =
    previous === undefined ? "requested but manifest history is empty" : `does not match latest state '${actual}'`
  throw new CoordinatorError("PREVIOUS_TRANSITION", `previous transition hash '${wanted}' ${reason}`)
}

/** A history that nobody could read or recover any more must not come to be. */
function requireRoom(manifestBytes: Uint8Array, policies: ReadonlyMap<PolicyHash, Uint8Array>, history: History): void {
  if (history.transitions.length >= MAX_TRANSITIONS) {
    throw new CoordinatorError("HISTORY_FULL", `the history may hold ${MAX_TRANSITIONS} manifests, and does`)
  }
  const bytes = history.bytes + bytesAdded(history, manifestBytes, policies)
  if (bytes <= MAX_HISTORY_BYTES) return
  const message = `the history may hold ${MAX_HISTORY_BYTES} bytes of manifests and policies, and would hold ${bytes}`
  throw new CoordinatorError("HISTORY_FULL", message)
}

/** The policies by their hash: each that the manifest names, once, and no other. */
function requireExactPolicies(
  manifest: Manifest,
  policies: readonly Uint8Array[],
): ReadonlyMap<PolicyHash, Uint8Array> {
  const byHash = new Map<PolicyHash, Uint8Array>()
  for (const policy of policies) {
    const hash = encodeHex(sha256(policy))
    if (byHash.has(hash)) throw new CoordinatorError("POLICY_UNEXPECTED", `policy ${hash} was provided twice`)
    if (!manifest.policies.has(hash)) {
      throw new CoordinatorError("POLICY_UNEXPECTED", `policy ${hash} was provided, but the manifest does not name it`)
    }
    byHash.set(hash, policy)
  }
  const missing = [...manifest.policies.keys()].find((hash) => !byHash.has(hash))
  if (missing === undefined) return byHash
  throw new CoordinatorError("POLICY_MISSING", `updating Coordinator state: no policy provided for hash ${missing}`)
}
