import {
  type Attested,
  AttestationError,
  type Check,
  type Evidence,
  requireCoordinator,
  validateEvidence,
  validatorsFor,
} from "@contrast/attestation"
import { manifestPositions } from "@contrast/manifest"
import { CliError, type CliProblem } from "../error.ts"
import type { ManifestFile } from "../manifest-file.ts"

/** Judges evidence of a Coordinator by a manifest. */
export type Verify = (evidence: Evidence, reportData: Uint8Array) => Promise<Attested>

/**
 * Accepts only what the manifest describes as a Coordinator.
 *
 * The function it returns throws {@link CliError} `ATTESTATION` with each field that failed, what was expected and what came,
 * and the line of the manifest that decides it.
 */
export function coordinatorVerifier(file: ManifestFile): Verify {
  const validators = validatorsFor(file.manifest)
  return async (evidence, reportData) => {
    try {
      const attested = await validateEvidence(validators, evidence, { reportData, now: new Date() })
      requireCoordinator(file.manifest, attested)
      return attested
    } catch (error) {
      throw error instanceof AttestationError ? refusal(file, error) : error
    }
  }
}

function refusal(file: ManifestFile, error: AttestationError): CliError {
  const [closest] = error.verdicts
  const failed = closest?.checks.filter(({ outcome }) => outcome === "fail") ?? []
  const position = manifestPositions(file.bytes)
  const problems =
    failed.length > 0
      ? failed.map((check) => describeCheck(file.path, check, position))
      : [{ code: error.code, file: file.path, ...position("$.Policies"), path: "$.Policies", message: error.message }]
  return new CliError("ATTESTATION", "the Coordinator is not what the manifest says", {
    cause: error,
    problems,
    hint: "send nothing to it; check the address, and that the manifest is the one the Coordinator was deployed with",
  })
}

function describeCheck(
  file: string,
  { id, subject, expected, actual, manifest }: Check,
  position: ReturnType<typeof manifestPositions>,
): CliProblem {
  const message = `${subject}: expected ${expected}, got ${actual}`
  if (manifest === undefined) return { code: id, message }
  return { code: id, file, ...position(manifest), path: `$.${manifest.replace(/^\$\./, "")}`, message }
}
