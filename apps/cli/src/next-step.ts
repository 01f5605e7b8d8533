import type { ErrorCode } from "@contrast/protocol"

/** Setting a manifest anew would draw another seed, and all secrets would be others. */
const DATA_LOST = "put its data back from a backup or from verify/history.yml (README, step 5)"

/** What a user can do about a refusal that came from elsewhere. */
const NEXT_STEPS: Readonly<Partial<Record<ErrorCode, string>>> = {
  // What was sent
  MANIFEST: "this release of contrast takes the manifest and the Coordinator's does not: use the same release",
  SECURITY_LEVEL:
    "a Coordinator takes insecure manifests only with CONTRAST_ALLOW_INSECURE=1 in its environment, and then no others",
  WRONG_SEED: "the seed shares are of another deployment: name the right ones with --seed",
  // Who asks
  MANIFEST_SIGNATURE:
    "sign with the key of a workload owner of the active manifest, and for its latest transition: contrast verify, then contrast sign",
  OWNER_KEY:
    "name the key of a workload owner of the active manifest with --workload-owner-key, or a --signature by it",
  SEEDSHARE_OWNERS_CHANGED:
    "take over SeedshareOwnerPubKeys from the active manifest, in its order: contrast verify shows it",
  RECOVERY_OWNER: "name the key of a seed share owner of the stored manifest with --seedshare-owner-key",
  REFUSED: "check the owner key or the signature",
  // The state that the Coordinator is in
  NO_MANIFEST: `run contrast set; but if it has had a manifest before, ${DATA_LOST}`,
  NO_STATE: `if it has had a manifest before, ${DATA_LOST} and recover; a new Coordinator wants contrast set`,
  NEEDS_RECOVERY: "run contrast recover with a seed share owner's key",
  ALREADY_RECOVERED: "nothing is to be done; run contrast verify",
  RECOVERED_PEERS: "wait for the other Coordinator to hand over its state, or run again with --force",
  ROLLBACK:
    "the stored history was rolled back: put back the newer one, or, if you did that yourself, run again with --accept-rollback",
  PREVIOUS_TRANSITION: "someone else has set a manifest: run contrast verify, take over what changed, and set again",
  CONFLICT: "another manifest was set at the same time: run contrast verify, take over what changed, and set again",
  // What broke
  RECOVERY_HISTORY: `its data is damaged: ${DATA_LOST} and recover again`,
  HISTORY_DAMAGED: `its data is damaged: ${DATA_LOST}, start it again and recover`,
  STORE_FULL: "make room on the Coordinator's disk and run the command again",
  STORE: "look into the Coordinator's log",
  STORE_UNCERTAIN: "look into the Coordinator's log; after it has restarted, run contrast recover",
  INTERNAL: "look into the Coordinator's log",
  // The connection
  UNREACHABLE: "check the address, that the Coordinator runs and that its port is forwarded",
  TIMEOUT: "check the address and the network, then run the command again",
  NOT_ATTESTING: "check the address; for a Coordinator of another release try --handshake-attestation",
  ATTESTATION: "check the address, and that the manifest is the one the Coordinator was deployed with",
}

/** What to do about an error with this code, if there is something to say. */
export function findNextStep(code: string): string | undefined {
  const steps: Readonly<Record<string, string>> = NEXT_STEPS
  return Object.hasOwn(steps, code) ? steps[code] : undefined
}
