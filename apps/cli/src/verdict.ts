import { type Check, isRefusalCode, type RefusalClass, refusalClassOf, type Verdict } from "@contrast/attestation"
import { manifestPositions } from "@contrast/manifest"
import type { CliProblem } from "./error.ts"
import type { ManifestFile } from "./manifest-file.ts"

/** What to do about a Coordinator that is another one. */
export const NOT_THE_ONE =
  "send nothing to it; check the address, and that the manifest is the one the Coordinator was deployed with"

/** What to do about a refusal, by what lifts it. */
const ADVICE: Readonly<Record<RefusalClass, string>> = {
  wait: "what AMD or Intel publish is missing or too old here: run contrast collateral fetch, or import a bundle, and try again",
  fix: "send nothing to it yet; manifest and machine disagree: correct the manifest if it is meant to accept this machine, or update the machine",
  stop: NOT_THE_ONE,
}
/** The worst decides: what lifts one refusal leaves the others. */
const WORST_FIRST: readonly RefusalClass[] = ["stop", "fix", "wait"]

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
  const classes = failed(checks).map(({ id }) => (isRefusalCode(id) ? refusalClassOf(id) : "stop"))
  return ADVICE[WORST_FIRST.find((known) => classes.includes(known)) ?? "stop"]
}

function failed(checks: readonly Check[]): readonly Check[] {
  return checks.filter(({ outcome }) => outcome === "fail")
}
