import type { ConfigMapKey, ConfigMapLookup } from "../kubernetes/config-map.ts"
import type { EnvironmentVariable, VariableValue } from "../kubernetes/environment.ts"
import type { Report } from "../kubernetes/fields.ts"
import type { Pod } from "../kubernetes/pod.ts"
import { escapePattern } from "../pattern.ts"
import type { TextPart } from "../text.ts"
import { type VariableLookup, expandVariables } from "./expansion.ts"
import { KNOWN_PATTERNS } from "./known-patterns.ts"
import { namespacePart, sandboxNamePart } from "./sandbox-name.ts"
import { KUBERNETES_VARIABLES, SERVICE_VARIABLES } from "./service-variables.ts"

/** The variables of a container's `env`, as far as they are known before the pod runs. */
export type Variables = ReadonlyMap<string, readonly TextPart[]>

/** What the variables of a container are resolved from. */
export interface VariableInputs {
  readonly pod: Pod
  readonly environment: readonly EnvironmentVariable[]
  readonly configMaps: ConfigMapLookup
  /** Told of values that the inputs do not have or do not agree on, by the variable's name. */
  readonly report: Report
}

/** Resolves `env` in order: a value may refer to variables before it and to those of services. */
export function resolveVariables(inputs: VariableInputs): Variables {
  const { pod, environment } = inputs
  const variables = new Map<string, readonly TextPart[]>()
  for (const { name, value } of environment) {
    if (value.from === "configMap") {
      variables.set(name, [configMapText(inputs, name, value.reference)])
    } else {
      variables.set(name, resolveValue(pod, value, variableLookup(pod, variables)))
    }
  }
  if (pod.origin.isIndexed && !variables.has("JOB_COMPLETION_INDEX")) {
    variables.set("JOB_COMPLETION_INDEX", [{ unknown: KNOWN_PATTERNS.index }])
  }
  return variables
}

function configMapText({ pod, configMaps, report }: VariableInputs, variable: string, reference: ConfigMapKey): string {
  const found = configMaps(pod.origin.namespace, reference)
  if ("text" in found) {
    return found.text
  }
  found.refusals.forEach((message) => {
    report(`env.${variable}`, message)
  })
  return ""
}

/** Finds variables of the list and of services. A service may be there or not: then the reference stays as it is. */
export function variableLookup(pod: Pod, variables: Variables): VariableLookup {
  const services = pod.serviceLinks ? [...KUBERNETES_VARIABLES, ...SERVICE_VARIABLES] : KUBERNETES_VARIABLES
  return (name) => {
    const known = variables.get(name)
    if (known !== undefined) {
      return known
    }
    const forms = services.filter((service) => new RegExp(`^(${service.name})$`).test(name))
    const values = forms.map(({ value }) => value)
    return values.length === 0 ? undefined : [{ unknown: `(${[...values, escapePattern(`$(${name})`)].join("|")})` }]
  }
}

function resolveValue(
  pod: Pod,
  value: Exclude<VariableValue, { from: "configMap" }>,
  lookup: VariableLookup,
): readonly TextPart[] {
  switch (value.from) {
    case "text":
      return expandVariables(value.text, lookup)
    case "podName":
      return [sandboxNamePart(pod.origin)]
    case "namespace":
      return [namespacePart(pod.origin)]
    case "serviceAccount":
      return [pod.serviceAccount]
    case "uid":
    case "nodeName":
    case "address":
    case "addresses":
    case "resource":
      return [{ unknown: KNOWN_PATTERNS[value.from] }]
    case "label":
      return [metadataPart(pod.labels, value.key)]
    case "annotation":
      return [metadataPart(pod.annotations, value.key)]
  }
}

/** Labels and annotations that controllers put on the pods they make. */
const CONTROLLER_KEYS =
  /^(pod-template-hash|controller-revision-hash|controller-uid|job-name|pod-template-generation|statefulset\.kubernetes\.io\/pod-name|(batch|apps)\.kubernetes\.io\/.*)$/

function metadataPart(metadata: ReadonlyMap<string, string>, key: string): TextPart {
  return CONTROLLER_KEYS.test(key) ? { unknown: KNOWN_PATTERNS.label } : (metadata.get(key) ?? "")
}
