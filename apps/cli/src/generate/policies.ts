import {
  type ConfigMapLookup,
  type GeneratedPolicy,
  POLICY_KEY,
  embedInitdata,
  encodeInitdata,
  formatProblem,
  generatePolicy,
  initdataHash,
} from "@contrast/policy"
import { explainWorkloads } from "../workload-refusal.ts"
import { INITIALIZER_FACTS } from "./initializer-image.ts"
import { INITIALIZER_NAME } from "./initializer.ts"
import { podSpecOf } from "./pod.ts"
import type { HashedWorkload } from "./policy-entries.ts"
import type { PreparedWorkload } from "./workloads.ts"
import { findNamed } from "./yaml-edit.ts"

/** Workloads with their policies in place. */
export interface EmbeddedPolicies {
  readonly hashed: readonly HashedWorkload[]
  /** What the policies allow because a pod spec asks for it. */
  readonly notes: readonly string[]
}

/**
 * Makes the policy of each workload, as it stands now, and writes it into the workload's annotation.
 *
 * @throws `CliError` `WORKLOAD` with the problems of all workloads.
 */
export function embedPolicies(prepared: readonly PreparedWorkload[], configMaps: ConfigMapLookup): EmbeddedPolicies {
  const policies = explainWorkloads(prepared.map((item) => () => ({ ...item, policy: makePolicy(item, configMaps) })))
  const hashed = policies.map(({ workload, request, policy }) => {
    const toml = encodeInitdata({ data: new Map([[POLICY_KEY, policy.rego]]) })
    embedInitdata(workload, toml)
    return { workload, request, hash: initdataHash(toml) }
  })
  return { hashed, notes: policies.flatMap(({ policy }) => policy.notes.map(formatProblem)) }
}

// No image is fetched, so of others than our own no more is known than what the pod spec says.
function makePolicy({ workload }: PreparedWorkload, configMaps: ConfigMapLookup): GeneratedPolicy {
  const initializer = findNamed(podSpecOf(workload), "initContainers", INITIALIZER_NAME)?.get("image")
  return generatePolicy(workload, {
    configMaps,
    imageFacts: (reference) => (reference === initializer ? INITIALIZER_FACTS : undefined),
  })
}
