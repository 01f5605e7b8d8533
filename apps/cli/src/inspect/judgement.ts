import {
  type Attested,
  AttestationError,
  type Check,
  type Evidence,
  type Trust,
  validateEvidence,
  validatorsFor,
  type Verdict,
} from "@contrast/attestation"
import type { Manifest } from "@contrast/manifest"
import { CliError } from "../error.ts"

/** What evidence is judged with. */
export interface Judging {
  readonly manifest: Manifest
  readonly trust: Trust
  /** 64 bytes. */
  readonly reportData: Uint8Array
  readonly now: Date
}

/**
 * Judges evidence as a Coordinator or a user of it would.
 *
 * @returns A verdict for each entry of the reference values that was tried, the closest one first.
 * @throws {@link CliError} `ATTESTATION` if it is not evidence of a platform that the manifest names.
 */
export async function judgeEvidence(evidence: Evidence, judging: Judging): Promise<readonly Verdict[]> {
  const { manifest, trust, ...context } = judging
  try {
    const attested = await validateEvidence(validatorsFor(manifest, trust), evidence, context)
    return [addPolicy(attested, manifest)]
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error
    if (error.verdicts.length > 0) return error.verdicts
    throw new CliError("ATTESTATION", error.message, { cause: error, hint: "name the manifest of this platform" })
  }
}

/** What the callers of the verifier look at after it: whether the manifest names the policy. */
function addPolicy({ policyHash, verdict }: Attested, { policies }: Manifest): Verdict {
  const check: Check = {
    id: "HOST_DATA",
    subject: "policyHash",
    outcome: policies.has(policyHash) ? "pass" : "fail",
    expected: "a policy of the manifest",
    actual: policyHash,
    manifest: "Policies",
  }
  return { ...verdict, accepted: verdict.accepted && check.outcome === "pass", checks: [...verdict.checks, check] }
}
