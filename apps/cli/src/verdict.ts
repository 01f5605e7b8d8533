import type { Check, Verdict } from "@contrast/attestation"
import { manifestPositions } from "@contrast/manifest"
import type { CliProblem } from "./error.ts"
import type { ManifestFile } from "./manifest-file.ts"

/** What to do about a Coordinator that is another one. */
export const NOT_THE_ONE =
  "send nothing to it; check the address, and that the manifest is the one the Coordinator was deployed with"

/** Checks that newer collateral may pass. Everything else is for the owner to fix, or never passes. */
const WAITING =
  /^(SNP_VEK_(MISSING|VALIDITY|PRODUCT|TCB|CHIP_ID)|SNP_CRL_\w+|INTEL_CRL_\w+|TCB_SIGNER(_MISSING)?|TCB_INFO_\w+|QE_IDENTITY_\w+|TCB_EVALUATION_NUMBER)$/

/** The checks that failed, with the places in the manifest that decide them. */
export function failuresOf({ path, bytes }: ManifestFile, { checks }: Verdict): readonly CliProblem[] {
  const position = manifestPositions(bytes)
  return failed(checks).map(({ id, subject, expected, actual, manifest }) => {
    const message = `${subject}: expected ${expected}, got ${actual} (${id})`
    if (manifest === undefined) return { code: id, message }
    return { code: id, file: path, ...position(manifest), path: `$.${manifest.replace(/^\$\./, "")}`, message }
  })
}

/** What to do about a refusal. */
export function adviceFor({ checks }: Verdict): string {
  return failed(checks).every(({ id }) => WAITING.test(id))
    ? "what AMD or Intel publish is missing or too old here: run contrast collateral fetch, or import a bundle, and try again"
    : NOT_THE_ONE
}

function failed(checks: readonly Check[]): readonly Check[] {
  return checks.filter(({ outcome }) => outcome === "fail")
}
