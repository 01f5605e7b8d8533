import { ManifestError, type ManifestProblem } from "./error.ts"
import { type Manifest } from "./manifest.ts"

/** Whether a manifest's platforms attest: `insecure` ones prove nothing and are for development only. */
export type SecurityLevel = "secure" | "insecure"

/**
 * The one security level of all platforms of a manifest.
 *
 * @throws {@link ManifestError} `REFERENCE_VALUES_EMPTY` or `MIXED_PLATFORMS`.
 */
export function securityLevel(manifest: Manifest): SecurityLevel {
  const [problem] = findSecurityLevelProblem(manifest)
  if (problem !== undefined) throw new ManifestError([problem])
  return manifest.referenceValues.some(({ kind }) => kind === "insecure") ? "insecure" : "secure"
}

/** What keeps a manifest from having one security level, if anything does. */
export function findSecurityLevelProblem({ referenceValues }: Manifest): readonly ManifestProblem[] {
  const path = "$.ReferenceValues"
  if (referenceValues.length === 0) {
    return [{ code: "REFERENCE_VALUES_EMPTY", path, message: "expected reference values of at least one platform" }]
  }
  const levels = new Set(referenceValues.map(({ kind }) => kind === "insecure"))
  if (levels.size === 1) return []
  return [{ code: "MIXED_PLATFORMS", path, message: "manifest must not mix secure and insecure platforms" }]
}
