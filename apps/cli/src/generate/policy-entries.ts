import { CryptoError, parseSubjectAltNames } from "@contrast/crypto"
import type { PolicyEntry, PolicyHash } from "@contrast/manifest"
import type { Problem, Workload } from "@contrast/policy"
import { refuseProblems } from "../workload-refusal.ts"
import type { WorkloadRequest } from "./annotations.ts"
import { problemOf, resourceOf } from "./pod.ts"

/** A workload with the hash of its finished policy. */
export interface HashedWorkload {
  readonly workload: Workload
  readonly request: WorkloadRequest
  readonly hash: PolicyHash
}

/**
 * The manifest's entries for workloads: each may bear its own name, and has a secret of its own.
 *
 * @throws `CliError` `WORKLOAD` for names that fit into no certificate, and when two workloads have one policy: evidence
 * could not tell them apart.
 */
export function policyEntries(workloads: readonly HashedWorkload[]): ReadonlyMap<PolicyHash, PolicyEntry> {
  const problems = workloads.flatMap(({ workload }) => findNameProblems(workload))
  const first = new Map<PolicyHash, Workload>()
  for (const { workload, hash } of workloads) {
    const other = first.get(hash)
    if (other === undefined) {
      first.set(hash, workload)
      continue
    }
    const place = `${resourceOf(other)} in ${other.file}`
    problems.push(problemOf(workload, "", `policy hash collision: the policy is that of ${place}; rename one of them`))
  }
  refuseProblems(problems)
  return new Map(workloads.map(({ workload, request, hash }) => [hash, policyEntry(workload, request)]))
}

function findNameProblems(workload: Workload): readonly Problem[] {
  try {
    parseSubjectAltNames(namesOf(workload))
    return []
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error
    return [problemOf(workload, "metadata.name", error.message)]
  }
}

function policyEntry(workload: Workload, { isCoordinator, workloadSecretId }: WorkloadRequest): PolicyEntry {
  const id = workloadSecretId ?? defaultWorkloadSecretId(workload)
  return {
    sans: namesOf(workload),
    ...(id !== "" && { workloadSecretId: id }),
    ...(isCoordinator && { role: "coordinator" }),
  }
}

/** Where Kubernetes makes up the name, what is known of it is no name: no pod is reached by it, and another may bear it. */
function namesOf({ name, nameIsGenerated }: Workload): readonly string[] {
  return nameIsGenerated ? ["*"] : [name, "*"]
}

/** `apps/v1/Deployment/default/web` */
function defaultWorkloadSecretId({ apiVersion, kind, namespace = "default", name }: Workload): string {
  const version = apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`
  return [version, kind, namespace, name].join("/")
}
