import { Document, isMap, isScalar, isSeq } from "yaml"

/** A value of Kubernetes YAML, as JSON would have it but for maps and big integers. */
export type Value = null | boolean | number | bigint | string | readonly Value[] | ValueMap

/** A map of Kubernetes YAML; its keys are texts. */
export type ValueMap = ReadonlyMap<string, Value>

/** The value that a tree (a node of the `yaml` package) stands for. Numbers written as keys become texts. */
export function readValue(node: unknown): Value {
  if (isMap(node)) {
    return new Map(node.items.map(({ key, value }) => [String(isScalar(key) ? key.value : key), readValue(value)]))
  }
  if (isSeq(node)) {
    return node.items.map(readValue)
  }
  if (typeof node === "object" && node !== null && !isScalar(node)) {
    return readValue(new Document(node).contents) // a plain value that was set in an edit
  }
  return isScalar(node) ? readScalar(node.value) : readScalar(node)
}

/** Whether a value is a map. */
export function isValueMap(value: Value | undefined): value is ValueMap {
  return value instanceof Map
}

/** Whether a value is a list. */
export function isValueList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

function readScalar(value: unknown): Value {
  if (typeof value === "bigint") {
    return Number.isSafeInteger(Number(value)) ? Number(value) : value
  }
  return typeof value === "string" || typeof value === "boolean" || typeof value === "number" ? value : null
}
