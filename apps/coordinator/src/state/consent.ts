import type { KeyObject } from "node:crypto"
import { CryptoError, encodeHex, encodeOwnerPublicKey, sha256 } from "@contrast/crypto"
import {
  isSeedshareOwner,
  isWorkloadOwner,
  ManifestError,
  NO_TRANSITION,
  nextTransition,
  transitionHash,
  verifyTransitionSignature,
  type Manifest,
} from "@contrast/manifest"
import { CoordinatorError } from "../error.ts"
import type { Proposal } from "./admission.ts"
import type { State } from "./state.ts"

/** By what right a manifest is set. */
export type Consent =
  | { readonly kind: "first" }
  | { readonly kind: "owner-signature" }
  | { readonly kind: "owner-key"; readonly ownerKeyDigest: string }

/**
 * Decides who may set a manifest: anyone the first, if a signature that comes along is good by that manifest itself;
 * later ones a workload owner of the manifest in force, by signature or by the key of the connection.
 *
 * @throws {@link CoordinatorError} `MANIFEST_SIGNATURE` or `OWNER_KEY`.
 */
export function requireConsent(proposal: Proposal, manifest: Manifest, previous: State | undefined): Consent {
  if (previous === undefined) {
    if (proposal.signature !== undefined) requireSignature(proposal.signature, proposal, manifest, NO_TRANSITION)
    return { kind: "first" }
  }
  // An empty signature is none, but does not help a manifest that nobody may replace.
  if (proposal.signature?.length || !hasWorkloadOwner(previous.manifest)) {
    const signature = proposal.signature ?? new Uint8Array(0)
    requireSignature(signature, proposal, previous.manifest, previous.latest.transitionHash)
    return { kind: "owner-signature" }
  }
  return { kind: "owner-key", ownerKeyDigest: requireWorkloadOwner(proposal.clientKey, previous.manifest) }
}

/**
 * Decides who may recover: a seed share owner of the manifest that was in force, by the key of the connection.
 *
 * @returns SHA-256 of the owner's key.
 * @throws {@link CoordinatorError} `RECOVERY_OWNER`.
 */
export function requireSeedshareOwner(clientKey: KeyObject | undefined, manifest: Manifest): string {
  const refuse = (reason: string): never => {
    throw new CoordinatorError("RECOVERY_OWNER", `peer not authorized to recover existing state: ${reason}`)
  }
  if (manifest.seedshareOwnerPubKeys.length === 0) return refuse("the manifest names no seed share owner")
  const key = findOwnerBytes(clientKey)
  if (key === undefined) return refuse("connect with the RSA key of a seed share owner")
  if (!isSeedshareOwner(manifest, key)) return refuse("the client's key is not that of a seed share owner")
  return encodeHex(sha256(key))
}

function hasWorkloadOwner({ workloadOwnerPubKeys, workloadOwnerKeyDigests }: Manifest): boolean {
  return workloadOwnerPubKeys.length + workloadOwnerKeyDigests.length > 0
}

function requireSignature(
  signature: Uint8Array,
  { manifestBytes }: Proposal,
  manifest: Manifest,
  previousHash: Uint8Array,
): void {
  try {
    verifyTransitionSignature(manifest, transitionHash(nextTransition(manifestBytes, previousHash)), signature)
  } catch (cause) {
    if (!(cause instanceof ManifestError)) throw cause
    const message = `validating manifest signature: ${cause.message}`
    throw new CoordinatorError("MANIFEST_SIGNATURE", message, { cause })
  }
}

function requireWorkloadOwner(clientKey: KeyObject | undefined, manifest: Manifest): string {
  const key = findOwnerBytes(clientKey)
  if (key === undefined) {
    throw new CoordinatorError(
      "OWNER_KEY",
      "validating peer: connect with the key of a workload owner, or send a signature",
    )
  }
  if (!isWorkloadOwner(manifest, key)) {
    throw new CoordinatorError("OWNER_KEY", "validating peer: the client's key is not that of a workload owner")
  }
  return encodeHex(sha256(key))
}

/** A key as manifests name owners; `undefined` if there is none, or of a kind that no owner can have. */
function findOwnerBytes(clientKey: KeyObject | undefined): Uint8Array | undefined {
  if (clientKey === undefined) return undefined
  try {
    return encodeOwnerPublicKey(clientKey)
  } catch (error) {
    if (error instanceof CryptoError) return undefined
    throw error
  }
}
