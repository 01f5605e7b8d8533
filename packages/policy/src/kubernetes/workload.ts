import { type Document, type YAMLMap, isMap, isScalar, visit } from "yaml"
import { PolicyError, type Problem } from "../error.ts"
import { findAmbiguousScalars } from "./ambiguous.ts"
import type { KubernetesDocument, KubernetesFile } from "./file.ts"
import { type WorkloadKind, isConfidentialRuntimeClass, isWorkloadKind, podSourceOf } from "./kind.ts"
import { findText, listObjects } from "./objects.ts"

/** An object of Kubernetes whose pods are of a confidential runtime class; each such object gets a policy. */
export interface Workload {
  /** Name of the file it stands in. */
  readonly file: string
  readonly apiVersion: string
  readonly kind: WorkloadKind
  /** `metadata.name`, or `metadata.generateName`: what the names begin with that the API server makes up. */
  readonly name: string
  /** The name is `metadata.generateName`: no object bears it, so it is no name for a certificate. */
  readonly nameIsGenerated: boolean
  readonly namespace: string | undefined
  readonly runtimeClassName: string
  /** The document it stands in, which makes nodes for edits (`document.createNode`). */
  readonly document: Document
  /** The whole object. */
  readonly object: YAMLMap
  /** The map with the pod's `metadata` and `spec`: of a pod, the object itself. Policies see edits of it. */
  readonly podTemplate: YAMLMap
}

/**
 * Finds the confidential workloads of the files, in order, those inside a `List` among them. Objects of other kinds
 * and runtime classes are not looked at.
 *
 * @throws {@link PolicyError} `RESOURCE` with every object that has a confidential runtime class but an unknown kind
 * or version or no name, and every scalar beside them that YAML 1.1 and 1.2 read differently.
 */
export function findWorkloads(files: readonly KubernetesFile[]): readonly Workload[] {
  const problems: Problem[] = []
  const workloads: Workload[] = []
  for (const file of files) {
    for (const document of file.documents) {
      const objects = listObjects(document.tree).filter(hasConfidentialRuntimeClass)
      for (const object of objects) {
        const found = readWorkload({ file: file.name, document, object })
        if ("message" in found) {
          problems.push(found)
        } else {
          workloads.push(found)
        }
      }
      problems.push(...(objects.length > 0 ? listAmbiguities(file.name, document) : []))
    }
  }
  if (problems.length > 0) {
    throw new PolicyError("RESOURCE", problems)
  }
  return workloads
}

/** Looks everywhere in the object: a pod template in a place that is not known must not pass unseen. */
function hasConfidentialRuntimeClass(object: YAMLMap): boolean {
  let found = false
  visit(object, {
    Pair(_key, { key, value }) {
      const name = isScalar(key) && key.value === "runtimeClassName" && isScalar(value) ? value.value : undefined
      found ||= typeof name === "string" && isConfidentialRuntimeClass(name)
      return found ? visit.BREAK : undefined
    },
  })
  return found
}

interface Candidate {
  readonly file: string
  readonly document: KubernetesDocument
  readonly object: YAMLMap
}

function readWorkload({ file, document, object }: Candidate): Workload | Problem {
  const kind = findText(object, ["kind"]) ?? ""
  const apiVersion = findText(object, ["apiVersion"]) ?? ""
  const names = ["name", "generateName"].flatMap((key) => findText(object, ["metadata", key]) ?? [])
  const [name = ""] = names
  const place = { file, ...document.position(object.range?.[0] ?? 0), resource: `${kind}/${name}` }
  const refuse = (path: string, message: string): Problem => ({ ...place, path, message })
  if (!isWorkloadKind(kind)) {
    return refuse("kind", "confidential pods are not known to come from this kind")
  }
  const source = podSourceOf(kind)
  if (apiVersion !== source.apiVersion) {
    return refuse("apiVersion", `expected ${source.apiVersion}, got ${JSON.stringify(apiVersion)}`)
  }
  if (names.length !== 1) {
    return refuse("metadata", "expected one of name and generateName")
  }
  const podTemplate = source.templatePath.length === 0 ? object : object.getIn(source.templatePath)
  const runtimeClassName = isMap(podTemplate) ? findText(podTemplate, ["spec", "runtimeClassName"]) : undefined
  if (!isMap(podTemplate) || runtimeClassName === undefined || !isConfidentialRuntimeClass(runtimeClassName)) {
    return refuse(source.templatePath.join("."), "expected the confidential runtime class in this pod template")
  }
  return {
    file,
    apiVersion,
    kind,
    name,
    nameIsGenerated: findText(object, ["metadata", "name"]) === undefined,
    namespace: findText(object, ["metadata", "namespace"]),
    runtimeClassName,
    document: document.tree,
    object,
    podTemplate,
  }
}

function listAmbiguities(file: string, document: KubernetesDocument): readonly Problem[] {
  return findAmbiguousScalars(document.tree).map(({ offset, message }) => ({
    file,
    ...document.position(offset),
    path: "",
    message,
  }))
}
