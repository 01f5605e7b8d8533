import type { KubernetesFile, Problem, TextPosition, Workload } from "@contrast/policy"
import { type YAMLMap, isMap, YAMLMap as Map } from "yaml"
import { isListOrNothing, listMaps } from "./yaml-edit.ts"

const POD_LISTS = ["initContainers", "containers", "volumes"]
const CONTAINER_LISTS = ["env", "volumeMounts"]

/** The pod spec of a workload; it has one, since its runtime class was found there. */
export function podSpecOf({ podTemplate }: Workload): YAMLMap {
  const spec = podTemplate.get("spec")
  return isMap(spec) ? spec : new Map()
}

/** Init and app containers, in this order. */
export function containersOf(workload: Workload): readonly YAMLMap[] {
  const spec = podSpecOf(workload)
  return [...listMaps(spec, "initContainers"), ...listMaps(spec, "containers")]
}

/** What stands where a list belongs that we add to: what is in it would be lost. */
export function findMisplaced(workload: Workload): readonly Problem[] {
  const spec = podSpecOf(workload)
  const inPod = POD_LISTS.filter((key) => !isListOrNothing(spec, key)).map((key) => `spec.${key}`)
  const inContainers = containersOf(workload).flatMap((container) =>
    CONTAINER_LISTS.filter((key) => !isListOrNothing(container, key)).map(
      (key) => `container ${String(container.get("name"))}.${key}`,
    ),
  )
  return [...inPod, ...inContainers].map((path) => problemOf(workload, path, "expected a list"))
}

/** Where the app containers of a workload begin in its file. */
export function findContainersPlace(workload: Workload, files: readonly KubernetesFile[]): TextPosition | undefined {
  const document = files.flatMap(({ documents }) => documents).find(({ tree }) => tree === workload.document)
  const range = podSpecOf(workload).get("containers", true)?.range
  return range ? document?.position(range[0]) : undefined
}

/** `Deployment/web` */
export function resourceOf({ kind, name }: Workload): string {
  return `${kind}/${name}`
}

/** What is wrong with a workload; the path is inside its pod template. */
export function problemOf(workload: Workload, path: string, message: string): Problem {
  return { file: workload.file, resource: resourceOf(workload), path, message }
}
