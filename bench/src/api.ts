import { validateEvidence, validatorsFor } from "@contrast/attestation"
import { type AttestedConnection, connectAttested } from "@contrast/atls"
import type { KeyObject } from "node:crypto"
import type { Deployment } from "./deployment.ts"

const TIMEOUT_MS = 30_000

/** Connects as `contrast` does: nothing is sent before the Coordinator's evidence has been checked. */
export function connectAsUser(address: string, { manifest }: Deployment, key?: KeyObject): Promise<AttestedConnection> {
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
