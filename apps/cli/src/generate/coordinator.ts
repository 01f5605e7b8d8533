import type { Problem, Workload } from "@contrast/policy"
import { isMap, isSeq } from "yaml"
import { podSpecOf, problemOf } from "./pod.ts"
import { findNamed, listMaps, openList, putNamed } from "./yaml-edit.ts"

const CONTAINER = "coordinator"
const ALLOW_INSECURE = "CONTRAST_ALLOW_INSECURE"

/**
 * Tells a Coordinator which security level its manifests have: with the variable it takes insecure ones only, without it
 * secure ones only.
 *
 * @returns What is wrong where its container cannot be told from others: it would refuse every manifest.
 */
export function setAllowInsecure(workload: Workload, isInsecure: boolean): readonly Problem[] {
  if (!isInsecure) {
    forbidInsecure(workload)
    return []
  }
  const container = findNamed(podSpecOf(workload), "containers", CONTAINER)
  if (container === undefined) {
    const message = `expected a container of the name "${CONTAINER}", which is told that its manifests are insecure: rename the Coordinator's`
    return [problemOf(workload, "spec.template.spec.containers", message)]
  }
  putNamed(openList({ document: workload.document, map: container }, "env"), { name: ALLOW_INSECURE, value: "1" })
  return []
}

function forbidInsecure(workload: Workload): void {
  for (const container of listMaps(podSpecOf(workload), "containers")) {
    const env = container.get("env")
    if (isSeq(env)) env.items = env.items.filter((item) => !(isMap(item) && item.get("name") === ALLOW_INSECURE))
  }
}
