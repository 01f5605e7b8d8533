import type { YAMLMap } from "yaml"
import { PolicyError, type Problem, formatProblem } from "../error.ts"
import { findAmbiguousScalars } from "./ambiguous.ts"
import type { KubernetesDocument, KubernetesFile } from "./file.ts"
import { findText, listObjects } from "./objects.ts"
import { isValueMap, readValue, type ValueMap } from "./value.ts"

/** Where a variable's value stands in a ConfigMap. */
export interface ConfigMapKey {
  readonly name: string
  readonly key: string
}

/** The text under a key of a ConfigMap, or in `refusals` why there is none that every reader would agree on. */
export type ConfigMapText = { readonly text: string } | { readonly refusals: readonly string[] }

/** Finds the text of a key in the ConfigMap that a workload of the namespace would see. */
export type ConfigMapLookup = (namespace: string | undefined, reference: ConfigMapKey) => ConfigMapText

interface ConfigMap {
  readonly file: string
  readonly name: string
  readonly namespace: string | undefined
  readonly data: ValueMap
  readonly document: KubernetesDocument
  readonly object: YAMLMap
}

/**
 * Reads the ConfigMaps of the files. Their values go into policies, so that the host cannot change them later. Those
 * that no workload asks for are not looked into.
 *
 * @throws {@link PolicyError} `RESOURCE` if two have the same name.
 */
export function findConfigMaps(files: readonly KubernetesFile[]): ConfigMapLookup {
  const configMaps = files.flatMap((file) =>
    file.documents.flatMap((document) => listObjects(document.tree).flatMap(readConfigMap(file.name, document))),
  )
  const problems = configMaps
    .filter((one, index) => configMaps.slice(0, index).some(isSameObject(one)))
    .map(refuseSecond)
  if (problems.length > 0) throw new PolicyError("RESOURCE", problems)
  return (namespace, reference) =>
    readText(configMaps.filter(isSameObject({ name: reference.name, namespace })), reference)
}

function readConfigMap(file: string, document: KubernetesDocument): (object: YAMLMap) => readonly ConfigMap[] {
  return (object) => {
    const name = findText(object, ["metadata", "name"])
    if (findText(object, ["kind"]) !== "ConfigMap" || name === undefined) return []
    const namespace = findText(object, ["metadata", "namespace"])
    const data = readValue(object.get("data"))
    return [{ file, name, namespace, data: isValueMap(data) ? data : new Map(), document, object }]
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

function readText([configMap, ...others]: readonly ConfigMap[], { name, key }: ConfigMapKey): ConfigMapText {
  if (configMap === undefined || (others.length === 0 && !configMap.data.has(key))) {
    return { refusals: [`expected ConfigMap ${name} with the key ${key} among the files`] }
  }
  if (others.length > 0) {
    return { refusals: [refuseChoice([configMap, ...others])] }
  }
  const value = configMap.data.get(key)
  const refusals = listAmbiguities(configMap)
  if (typeof value !== "string") {
    return { refusals: [`expected a string under the key ${key} of ConfigMap ${name}: quote its value`] }
  }
  return refusals.length > 0 ? { refusals } : { text: value }
}

/** Which of them the pods will see depends on where the files are applied: only the workload's namespace tells. */
function refuseChoice(configMaps: readonly ConfigMap[]): string {
  const [{ name } = { name: "" }] = configMaps
  const places = configMaps.map(({ namespace = "", file }) => `${namespace} (${file})`).join(" and ")
  return `the files have ConfigMap ${name} in the namespaces ${places}: set metadata.namespace of this workload`
}

function listAmbiguities({ file, name, document, object }: ConfigMap): readonly string[] {
  return findAmbiguousScalars(object).map(({ offset, message }) => {
    const place = formatProblem({ file, ...document.position(offset), path: "", message })
    return `ConfigMap ${name}: ${place}`
  })
}
