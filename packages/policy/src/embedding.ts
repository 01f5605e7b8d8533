import { equalBytes } from "@contrast/crypto"
import { YAMLMap, isMap } from "yaml"
import { INITDATA_ANNOTATION, decodeAnnotation, encodeAnnotation } from "./annotation.ts"
import { PolicyError } from "./error.ts"
import type { Workload } from "./kubernetes/workload.ts"

/**
 * The initdata document in a workload's pod template, if it has one; its content is not checked.
 *
 * @throws {@link PolicyError} `ANNOTATION` when there is an annotation that does not unpack.
 */
export function findInitdata(workload: Workload): Uint8Array | undefined {
  const annotation = workload.podTemplate.getIn(["metadata", "annotations", INITDATA_ANNOTATION])
  return typeof annotation === "string" ? decodeAnnotation(annotation) : undefined
}

/**
 * Puts an initdata document into a workload's pod template. An annotation that unpacks to the same bytes is left as it
 * is, since another build of zlib may have packed it.
 */
export function embedInitdata(workload: Workload, toml: Uint8Array): void {
  if (holds(workload, toml)) {
    return
  }
  const annotations = openMap(openMap(workload.podTemplate, "metadata"), "annotations")
  annotations.set(INITDATA_ANNOTATION, encodeAnnotation(toml))
}

function holds(workload: Workload, toml: Uint8Array): boolean {
  try {
    const current = findInitdata(workload)
    return current !== undefined && equalBytes(current, toml)
  } catch (error) {
    if (error instanceof PolicyError) {
      return false
    }
    throw error
  }
}

/** The map under a key; one is put there where there is none, or the null that an empty line means. */
function openMap(parent: YAMLMap, key: string): YAMLMap {
  const found = parent.get(key)
  if (isMap(found)) {
    return found
  }
  const map = new YAMLMap(parent.schema)
  parent.set(key, map)
  return map
}
