import {
  AttestationError,
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
    return [(await validateEvidence(validatorsFor(manifest, trust), evidence, context)).verdict]
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error
    if (error.verdicts.length > 0) return error.verdicts
    throw new CliError("ATTESTATION", error.message, { cause: error, hint: "name the manifest of this platform" })
  }
}
