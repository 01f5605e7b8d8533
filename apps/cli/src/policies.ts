import type { Manifest, PolicyHash } from "@contrast/manifest"
import {
  type ConfigMapLookup,
  type Workload,
  findConfigMaps,
  findInitdata,
  findWorkloads,
  initdataHash,
} from "@contrast/policy"
import { CliError, type CliProblem } from "./error.ts"
import type { InputFile } from "./kubernetes-files.ts"
import { explainWorkloads } from "./workload-refusal.ts"

/**
 * The policies in the annotations of Kubernetes files, in the order of the manifest, which must name each of them, once,
 * and no other.
 *
 * @throws {@link CliError} `WORKLOAD_MISSING`, `WORKLOAD`, or `POLICIES_DIFFER` with everything that does not match.
 */
export function matchPolicies(manifest: Manifest, inputs: readonly InputFile[]): readonly Uint8Array[] {
  const workloads = requireWorkloads(inputs)
  const embedded = explainWorkloads(workloads.map((workload) => () => ({ workload, toml: findInitdata(workload) })))
  const policies = new Map<PolicyHash, Uint8Array>()
  const problems: CliProblem[] = []
  for (const { workload, toml } of embedded) {
    const hash = toml && initdataHash(toml)
    const message = refusePolicy(manifest, policies, hash)
    if (message !== undefined) problems.push({ ...placeOf(workload), message })
    if (toml !== undefined && hash !== undefined) policies.set(hash, toml)
  }
  for (const hash of manifest.policies.keys()) {
    if (!policies.has(hash)) problems.push({ path: `$.Policies["${hash}"]`, message: "no workload has this policy" })
  }
  if (problems.length > 0) throw difference(problems)
  return [...manifest.policies.keys()].flatMap((hash) => policies.get(hash) ?? [])
}

/**
 * The ConfigMaps of the files.
 *
 * @throws {@link CliError} `WORKLOAD` if two have the same name.
 */
export function requireConfigMaps(inputs: readonly InputFile[]): ConfigMapLookup {
  const [lookup] = explainWorkloads([() => findConfigMaps(inputs.map(({ file }) => file))])
  return lookup ?? findConfigMaps([])
}

/**
 * The confidential workloads of the files.
 *
 * @throws {@link CliError} `WORKLOAD_MISSING`, `WORKLOAD`.
 */
export function requireWorkloads(inputs: readonly InputFile[]): readonly Workload[] {
  const workloads = explainWorkloads([() => findWorkloads(inputs.map(({ file }) => file))]).flat()
  if (workloads.length > 0) return workloads
  throw new CliError("WORKLOAD_MISSING", "no workload of the given files has a confidential runtime class", {
    hint: "set runtimeClassName: contrast-cc (or contrast-insecure for development) in its pod template",
  })
}

function refusePolicy(
  manifest: Manifest,
  earlier: ReadonlyMap<PolicyHash, unknown>,
  hash: PolicyHash | undefined,
): string | undefined {
  if (hash === undefined) return "has no policy in its annotations"
  if (!manifest.policies.has(hash)) return `has policy ${hash}, which the manifest does not name`
  return earlier.has(hash) ? `has policy ${hash}, as another workload does` : undefined
}

function placeOf({ file, kind, name }: Workload): Omit<CliProblem, "message"> {
  return { file, resource: `${kind}/${name}` }
}

function difference(problems: readonly CliProblem[]): CliError {
  return new CliError("POLICIES_DIFFER", "the Kubernetes files and the manifest do not belong together", {
    problems,
    hint: "run contrast generate on the same files, then this command again",
  })
}
