import { PLATFORMS, type Platform, isInsecurePlatform, runtimeHandler } from "@contrast/manifest"
import type { Problem, Workload } from "@contrast/policy"
import { podSpecOf, problemOf } from "./pod.ts"
import { setValue } from "./yaml-edit.ts"

/** Runtime classes that stand for whatever platform the user names, and whether that one must attest. */
const GENERIC: ReadonlyMap<string, "secure" | "insecure"> = new Map([
  ["contrast-cc", "secure"],
  ["kata-cc-isolation", "secure"],
  ["contrast-insecure", "insecure"],
])

/** Handlers carry a version of the runtime, which is not ours to decide. */
const VERSION_SUFFIX = /-[0-9a-f]{8}$/

/**
 * The platform of a workload, by its runtime class; a generic class is replaced by the one of the platform.
 *
 * @param chosen - The platform that the user named for generic classes.
 * @returns A problem where no platform can be told.
 */
export function resolvePlatform(workload: Workload, chosen: Platform | undefined): Platform | Problem {
  const { runtimeClassName } = workload
  const level = GENERIC.get(runtimeClassName)
  const refuse = (message: string): Problem => problemOf(workload, "spec.runtimeClassName", message)
  if (level === undefined) {
    const handlers = PLATFORMS.map(runtimeHandler).join(", ")
    return (
      platformOfHandler(runtimeClassName) ?? refuse(`unknown runtime class ${runtimeClassName}; known: ${handlers}`)
    )
  }
  if (chosen === undefined) {
    return refuse(`${runtimeClassName} names no platform: give it with --reference-values (${PLATFORMS.join(", ")})`)
  }
  if (isInsecurePlatform(chosen) !== (level === "insecure")) {
    const other = level === "insecure" ? "contrast-cc" : "contrast-insecure"
    return refuse(`${runtimeClassName} does not run on ${chosen}: choose another platform, or runtime class ${other}`)
  }
  setValue({ document: workload.document, map: podSpecOf(workload) }, "runtimeClassName", runtimeHandler(chosen))
  return chosen
}

function platformOfHandler(name: string): Platform | undefined {
  const handler = name.replace(VERSION_SUFFIX, "")
  return PLATFORMS.find((platform) => runtimeHandler(platform) === handler)
}
