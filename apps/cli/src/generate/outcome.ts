import { type Manifest, missingReferenceValues } from "@contrast/manifest"
import { warnOfLenientValues } from "../lenient-values.ts"
import type { Output, Report } from "../output.ts"
import { isPublished } from "./initializer-image.ts"
import { containersOf, resourceOf } from "./pod.ts"
import type { HashedWorkload } from "./policy-entries.ts"

/** What `generate` has made. */
export interface Outcome {
  readonly manifestPath: string
  readonly manifest: Manifest
  /** Private keys that were made. */
  readonly keys: readonly string[]
  readonly hashed: readonly HashedWorkload[]
  /** All files that were written. */
  readonly changed: readonly string[]
  /** What is allowed but hardly meant. */
  readonly warnings: readonly string[]
  /** What is worth knowing. */
  readonly notes: readonly string[]
}

/** Says what came of it, and what is left for the user to do. */
export function tellOutcome(output: Output, { manifestPath, manifest, keys, hashed, warnings, notes }: Outcome): void {
  for (const text of warnings) output.warn(text)
  for (const text of notes) output.note(text)
  const unpublished = unpublishedImages(hashed)
  if (unpublished.length > 0) {
    output.warn(`these images have a placeholder for a digest, and cannot be pulled: ${unpublished.join(", ")}`)
    output.hint("push your own, put their digests into the files, and name the Initializer with --initializer-image")
  }
  if (keys.length > 0) {
    output.hint(`keep ${keys.join(" and ")} safe: whoever has them may change or recover the deployment`)
  }
  warnOfLenientValues(manifestPath, manifest, output)
  const missing = missingReferenceValues(manifest)
  if (missing.length > 0) {
    output.hint(`fill in these reference values in ${manifestPath} before contrast set:\n  ${missing.join("\n  ")}`)
  }
  output.hint("deploy the files with kubectl apply, then run contrast set")
}

/** Tells programs what was made, and people which workload has which policy. */
export function reportOutcome({ manifestPath, manifest, keys, hashed, changed }: Outcome): Report {
  const workloads = hashed.map(({ workload, hash }) => {
    const { sans = [], workloadSecretId = null, role = null } = manifest.policies.get(hash) ?? {}
    return { file: workload.file, resource: resourceOf(workload), policyHash: hash, sans, workloadSecretId, role }
  })
  const data = {
    manifest: manifestPath,
    workloads,
    changed,
    createdKeys: keys,
    missingReferenceValues: missingReferenceValues(manifest),
  }
  return { data, text: workloads.map(({ policyHash, resource }) => `${policyHash}  ${resource}`).join("\n") }
}

function unpublishedImages(hashed: readonly HashedWorkload[]): readonly string[] {
  const containers = hashed.flatMap(({ workload }) => containersOf(workload))
  const images = containers.map((container) => String(container.get("image")))
  return [...new Set(images)].filter((image) => !isPublished(image))
}
