import { CryptoError, parseSubjectAltNames } from "@contrast/crypto"
import { type ManifestProblem } from "./error.ts"
import { indexPath, keyPath } from "./json-path.ts"
import { type PolicyEntry, type PolicyHash } from "./policy-entry.ts"

/** What is wrong with the policies of a manifest. */
export function findPolicyProblems(policies: ReadonlyMap<PolicyHash, PolicyEntry>): readonly ManifestProblem[] {
  const entries = Array.from(policies)
  const nameProblems = entries.flatMap(([hash, { sans }]) =>
    findNameProblems(`${keyPath("$.Policies", hash)}.SANs`, sans),
  )
  if (entries.some(([, { role }]) => role === "coordinator")) return nameProblems
  const message = "expected at least one policy with the role coordinator"
  return [{ code: "COORDINATOR_MISSING", path: "$.Policies", message }, ...nameProblems]
}

function findNameProblems(path: string, names: readonly string[]): readonly ManifestProblem[] {
  const single = names.flatMap((name, index) => findNameProblem(indexPath(path, index), [name]))
  return single.length > 0 ? single : findNameProblem(path, names)
}

function findNameProblem(path: string, names: readonly string[]): readonly ManifestProblem[] {
  try {
    parseSubjectAltNames(names)
    return []
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error
    return [{ code: "SUBJECT_ALT_NAME", path, message: error.message }]
  }
}
