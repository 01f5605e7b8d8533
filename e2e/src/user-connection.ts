import type { KeyObject } from "node:crypto"
import { validateEvidence, validatorsFor } from "@contrast/attestation"
import { type AttestedConnection, connectAttested } from "@contrast/atls"
import type { Manifest } from "@contrast/manifest"

const TIMEOUT_MS = 30_000

/** Connects as `contrast` does: nothing is sent before the Coordinator's evidence has been checked against the manifest. */
export function connectAsUser(address: string, manifest: Manifest, key?: KeyObject): Promise<AttestedConnection> {
  const now = (): Date => new Date()
  const validators = validatorsFor(manifest)
  return connectAttested({
    address,
    ...(key === undefined ? {} : { key }),
    mode: "session",
    verify: (evidence, reportData) => validateEvidence(validators, evidence, { reportData, now: now() }),
    timeoutMs: TIMEOUT_MS,
    now,
  })
}
