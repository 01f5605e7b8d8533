import {
  type Attested,
  AttestationError,
  type Evidence,
  type Trust,
  validateEvidence,
  validatorsFor,
} from "@contrast/attestation"
import { manifestPositions } from "@contrast/manifest"
import { CliError, type CliProblem } from "../error.ts"
import type { ManifestFile } from "../manifest-file.ts"
import { adviceFor, failuresOf, NOT_THE_ONE } from "../verdict.ts"

/** Judges evidence of a Coordinator by a manifest. */
export type Verify = (evidence: Evidence, reportData: Uint8Array) => Promise<Attested>

/**
 * Accepts only what the manifest describes as a Coordinator.
 *
 * The function it returns throws {@link CliError} `ATTESTATION` with each field that failed, what was expected and what came,
 * and the line of the manifest that decides it.
 */
export function coordinatorVerifier(file: ManifestFile, trust: Trust): Verify {
  const validators = validatorsFor(file.manifest, trust, "coordinator")
  return async (evidence, reportData) => {
    try {
      return await validateEvidence(validators, evidence, { reportData, now: new Date() })
    } catch (error) {
      throw error instanceof AttestationError ? refusal(file, error) : error
    }
  }
}

function refusal(file: ManifestFile, error: AttestationError): CliError {
  const [closest] = error.verdicts
  const failed = closest === undefined ? [] : failuresOf(file, closest)
  return new CliError("ATTESTATION", "the Coordinator is not what the manifest says", {
    cause: error,
    problems: failed.length > 0 ? failed : [wholeOf(file, error)],
    verdicts: error.verdicts,
    hint: closest === undefined ? NOT_THE_ONE : adviceFor(closest),
  })
}

function wholeOf(file: ManifestFile, { code, message }: AttestationError): CliProblem {
  const position = manifestPositions(file.bytes)
  return { code, file: file.path, ...position("$.Policies"), path: "$.Policies", message }
}
