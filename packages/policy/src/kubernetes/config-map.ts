import { PolicyError, type Problem } from "../error.ts"
import type { KubernetesFile } from "./file.ts"
import { isValueMap, readValue, type Value, type ValueMap } from "./value.ts"

/** Where a variable's value stands in a ConfigMap. */
export interface ConfigMapKey {
  readonly name: string
  readonly key: string
}

/** Finds the text of a key in the ConfigMap that a workload of the namespace would see. */
export type ConfigMapLookup = (namespace: string | undefined, reference: ConfigMapKey) => string | undefined

interface ConfigMap {
  readonly file: string
  readonly name: string
  readonly namespace: string | undefined
  readonly data: ValueMap
}

/**
 * Reads the ConfigMaps of the files. Their values go into policies, so that the host cannot change them later.
 *
 * @throws {@link PolicyError} `RESOURCE` if two have the same name.
 */
export function findConfigMaps(files: readonly KubernetesFile[]): ConfigMapLookup {
  const configMaps = files.flatMap((file) =>
    file.documents.flatMap(({ tree }) => listObjects(readValue(tree.contents)).flatMap(readConfigMap(file.name))),
  )
  const problems = configMaps
    .filter((one, index) => configMaps.slice(0, index).some(isSameObject(one)))
    .map(refuseSecond)
  if (problems.length > 0) throw new PolicyError("RESOURCE", problems)
  return (namespace, { name, key }) => {
    const value = configMaps.find(isSameObject({ name, namespace }))?.data.get(key)
    return typeof value === "string" ? value : undefined
  }
}

function listObjects(value: Value): readonly ValueMap[] {
  if (!isValueMap(value)) return []
  const items = value.get("kind") === "List" ? value.get("items") : undefined
  return Array.isArray(items) ? items.filter(isValueMap) : [value]
}

function readConfigMap(file: string): (object: ValueMap) => readonly ConfigMap[] {
  return (object) => {
    const metadata = object.get("metadata")
    const data = object.get("data")
    if (object.get("kind") !== "ConfigMap" || !isValueMap(metadata)) return []
    const [name, namespace] = [metadata.get("name"), metadata.get("namespace")]
    if (typeof name !== "string") return []
    return [
      {
        file,
        name,
        namespace: typeof namespace === "string" ? namespace : undefined,
        data: isValueMap(data) ? data : new Map(),
      },
    ]
  }
}

/** No namespace means whichever the files are applied to: equal to any that is named. */
function isSameObject(one: Pick<ConfigMap, "name" | "namespace">): (other: ConfigMap) => boolean {
  return (other) =>
    other.name === one.name &&
    (other.namespace === undefined || one.namespace === undefined || other.namespace === one.namespace)
}

function refuseSecond({ file, name }: ConfigMap): Problem {
  return { file, resource: `ConfigMap/${name}`, path: "metadata.name", message: "another ConfigMap has this name" }
}
