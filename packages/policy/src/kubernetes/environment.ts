import type { ConfigMapKey } from "./config-map.ts"
import type { Fields } from "./fields.ts"

/** A variable of a container's `env`. */
export interface EnvironmentVariable {
  readonly name: string
  readonly value: VariableValue
}

/** Where a variable's value comes from. */
export type VariableValue =
  | { readonly from: "text"; readonly text: string }
  | {
      readonly from:
        "podName" | "namespace" | "serviceAccount" | "uid" | "nodeName" | "address" | "addresses" | "resource"
    }
  | { readonly from: "label" | "annotation"; readonly key: string }
  | { readonly from: "configMap"; readonly reference: ConfigMapKey }

/** Reads `env` of a container. */
export function readEnvironment(container: Fields): readonly EnvironmentVariable[] {
  refuseEnvironmentSources(container)
  return container.list("env", (fields) => {
    const name = fields.requiredText("name")
    if (!/^[\x20-\x7e]*$/.test(name) || name.includes("=")) {
      fields.refuse("expected printable ASCII without =", "name")
    }
    return { name, value: readValue(fields) }
  })
}

function refuseEnvironmentSources(container: Fields): void {
  const sources = container.list("envFrom", (source) => {
    source.ignoreRest()
  })
  if (sources.length > 0) {
    container.refuse("not supported: name each variable in env, with a configMapKeyRef", "envFrom")
  }
}

function readValue(fields: Fields): VariableValue {
  const text = fields.text("value")
  const source = fields.optionalMap("valueFrom", readSource)
  if (text !== undefined && source !== undefined) {
    fields.refuse("expected one of value and valueFrom")
  }
  if (text?.includes("\0") === true) {
    fields.refuse("expected a value without NUL", "value")
  }
  return source ?? { from: "text", text: text ?? "" }
}

function readSource(fields: Fields): VariableValue {
  fields.expectChoice()
  const field = fields.optionalMap("fieldRef", readFieldReference)
  const resource = fields.optionalMap("resourceFieldRef", (reference): VariableValue => {
    reference.ignore("resource", "containerName", "divisor")
    return { from: "resource" }
  })
  const configMap = fields.optionalMap("configMapKeyRef", readConfigMapReference)
  const secret = fields.optionalMap("secretKeyRef", refuseSecretReference)
  const [source, ...others] = [field, resource, configMap, secret].filter((candidate) => candidate !== undefined)
  if (others.length > 0) {
    fields.refuse("expected one source")
  }
  return source ?? refuseSource(fields)
}

/** A source that is not supported is reported by its own name; this is for none at all. */
function refuseSource(fields: Fields): VariableValue {
  if (fields.size === 0) {
    fields.refuse("expected a source")
  }
  return { from: "text", text: "" }
}

function readConfigMapReference(reference: Fields): VariableValue {
  const key = { name: reference.requiredText("name"), key: reference.requiredText("key") }
  if (reference.flag("optional") === true) {
    reference.refuse("not supported: the value has to be among the files", "optional")
    return { from: "text", text: "" }
  }
  return { from: "configMap", reference: key }
}

function refuseSecretReference(reference: Fields): VariableValue {
  reference.ignoreRest()
  reference.refuse("not supported: the host knows what is in a Secret, and a policy would show it")
  return { from: "text", text: "" }
}

const FIELDS: ReadonlyMap<string, VariableValue> = new Map<string, VariableValue>([
  ["metadata.name", { from: "podName" }],
  ["metadata.namespace", { from: "namespace" }],
  ["metadata.uid", { from: "uid" }],
  ["spec.nodeName", { from: "nodeName" }],
  ["spec.serviceAccountName", { from: "serviceAccount" }],
  ["status.podIP", { from: "address" }],
  ["status.hostIP", { from: "address" }],
  ["status.podIPs", { from: "addresses" }],
  ["status.hostIPs", { from: "addresses" }],
])

function readFieldReference(fields: Fields): VariableValue {
  fields.choice("apiVersion", ["v1"])
  const path = fields.requiredText("fieldPath")
  const keyed = /^metadata\.(?<map>label|annotation)s\['(?<key>[^']+)'\]$/.exec(path)?.groups
  const value = FIELDS.get(path) ?? keyedValue(keyed)
  if (value === undefined) {
    fields.refuse(`unsupported field path ${JSON.stringify(path)}`, "fieldPath")
  }
  return value ?? { from: "text", text: "" }
}

function keyedValue(groups: Record<string, string> | undefined): VariableValue | undefined {
  const { map, key = "" } = groups ?? {}
  return map === "label" || map === "annotation" ? { from: map, key } : undefined
}
