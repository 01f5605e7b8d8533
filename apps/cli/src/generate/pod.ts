import type { Problem, Workload } from "@contrast/policy"
import { type YAMLMap, isMap, YAMLMap as Map } from "yaml"
import { listMaps } from "./yaml-edit.ts"

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

/** `Deployment/web` */
export function resourceOf({ kind, name }: Workload): string {
  return `${kind}/${name}`
}

/** What is wrong with a workload; the path is inside its pod template. */
export function problemOf(workload: Workload, path: string, message: string): Problem {
  return { file: workload.file, resource: resourceOf(workload), path, message }
}
