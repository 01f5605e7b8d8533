import { ManifestError, type ManifestProblem } from "./error.ts"
import { type Manifest } from "./manifest.ts"
import { manifestPositions } from "./manifest-position.ts"
import { findOwnerProblems } from "./owners.ts"
import { findPolicyProblems } from "./policy-rules.ts"
import { MAX_PROBLEMS } from "./problems.ts"
import { findForbiddenValues, findMissingValues } from "./reference-value-rules.ts"
import { locateReferenceValues } from "./reference-values.ts"
import { findSecurityLevelProblem } from "./security-level.ts"

/**
 * Checks all that must hold before a manifest may be set or trusted: a Coordinator among the policies, names that fit into
 * certificates, complete and permitted reference values of one security level, usable owner keys.
 *
 * @param source - The bytes it was parsed from; with them the problems carry line and column.
 * @throws {@link ManifestError} with every problem.
 */
export function validateManifest(manifest: Manifest, source?: Uint8Array): void {
  const [first, ...others] = findProblems(manifest).slice(0, MAX_PROBLEMS)
  if (first === undefined) return
  const locate = source === undefined ? () => ({}) : manifestPositions(source)
  const located = ({ path, ...problem }: ManifestProblem): ManifestProblem => ({ path, ...problem, ...locate(path) })
  throw new ManifestError([located(first), ...others.map(located)])
}

/** JSON paths of the reference values that have still to be filled in. */
export function missingReferenceValues(manifest: Manifest): readonly string[] {
  return locateReferenceValues(manifest.referenceValues).flatMap(findMissingValues)
}

function findProblems(manifest: Manifest): readonly ManifestProblem[] {
  return [
    ...findPolicyProblems(manifest.policies),
    ...findSecurityLevelProblem(manifest),
    ...missingReferenceValues(manifest).map(missing),
    ...locateReferenceValues(manifest.referenceValues).flatMap(findForbiddenValues),
    ...findOwnerProblems(manifest),
  ]
}

function missing(path: string): ManifestProblem {
  return { code: "REFERENCE_VALUE_MISSING", path, message: "expected a value, none is filled in yet" }
}
