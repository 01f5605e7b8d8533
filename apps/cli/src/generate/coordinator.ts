import type { Workload } from "@contrast/policy"
import { isMap, isSeq } from "yaml"
import { podSpecOf } from "./pod.ts"
import { findNamed, openList, putNamed } from "./yaml-edit.ts"

const CONTAINER = "coordinator"
const ALLOW_INSECURE = "CONTRAST_ALLOW_INSECURE"

/**
 * Tells a Coordinator which security level its manifests have: with the variable it takes insecure ones only, without it
 * secure ones only.
 */
export function setAllowInsecure(workload: Workload, isInsecure: boolean): void {
  const container = findNamed(podSpecOf(workload), "containers", CONTAINER)
  if (container === undefined) return
  if (isInsecure) {
    putNamed(openList({ document: workload.document, map: container }, "env"), { name: ALLOW_INSECURE, value: "1" })
    return
  }
  const env = container.get("env")
  if (isSeq(env)) env.items = env.items.filter((item) => !(isMap(item) && item.get("name") === ALLOW_INSECURE))
}
