import type { Problem, Workload } from "@contrast/policy"
import { type YAMLMap, isMap, isScalar } from "yaml"
import { problemOf } from "./pod.ts"
import { type SecurePv, parseSecurePv } from "./secure-pv.ts"

/** What the annotations of a workload ask for. */
export interface WorkloadRequest {
  readonly isCoordinator: boolean
  /** Other than the default; empty for none. */
  readonly workloadSecretId: string | undefined
  readonly skipInitializer: boolean
  readonly securePv: SecurePv | undefined
}

const PREFIX = "contrast.edgeless.systems/"
const ROLE = `${PREFIX}pod-role`
const SECRET_ID = `${PREFIX}workload-secret-id`
const SKIP_INITIALIZER = `${PREFIX}skip-initializer`
const SECURE_PV = `${PREFIX}secure-pv`
const SECURE_PV_FORMAT = `${PREFIX}secure-pv-format`

const UNDERSTOOD = [ROLE, SECRET_ID, SKIP_INITIALIZER, SECURE_PV, SECURE_PV_FORMAT]
/** What they ask for is injected by nobody here; the value asks for nothing. */
const IDLE: ReadonlyMap<string, string> = new Map([
  [`${PREFIX}image-store-size`, "0"],
  [`${PREFIX}expose-service`, "false"],
])
/** For other tools, or for what we never inject. */
const WITHOUT_EFFECT = new RegExp(`^${PREFIX}(?:image-store-size|expose-service|platform|snp-id-block/.+)$`)
const SERVICE_MESH = new RegExp(`^${PREFIX}servicemesh-`)

type Report = (path: string, message: string) => void

/**
 * Reads the annotations of a workload's pod template. One that is not understood is a problem, as is one that stands
 * where it has no effect: whoever wrote it counts on it.
 */
export function readAnnotations(workload: Workload, problems: Problem[]): WorkloadRequest {
  const report: Report = (path, message) => {
    problems.push(problemOf(workload, path, message))
  }
  const annotations = readMetadata(workload.podTemplate, "annotations")
  const labels = readMetadata(workload.podTemplate, "labels")
  refuseMisplaced(workload, (key) => annotations.has(key) || (key === ROLE && labels.has(key)), report)
  refuseUnknown(annotations, report)
  const read = (key: string): string | undefined => readText(annotations, key, report)
  return {
    isCoordinator: readRole(workload, [read(ROLE), readText(labels, ROLE, report)], report),
    workloadSecretId: read(SECRET_ID),
    skipInitializer: readFlag(read(SKIP_INITIALIZER), SKIP_INITIALIZER, report),
    securePv: readSecurePv(read(SECURE_PV), read(SECURE_PV_FORMAT), report),
  }
}

/** Says of annotations that are taken for the sake of existing files that they have no effect. */
export function annotationAdvice({ podTemplate }: Workload): readonly string[] {
  const annotations = readMetadata(podTemplate, "annotations")
  return [...IDLE]
    .filter(([key, nothing]) => (annotations.get(key) ?? nothing) !== nothing)
    .map(([key]) => `${key} has no effect here: remove it`)
}

type Metadata = ReadonlyMap<string, unknown>

function readMetadata(object: YAMLMap, part: "annotations" | "labels"): Metadata {
  const map = object.getIn(["metadata", part])
  const items = isMap(map) ? map.items : []
  return new Map(
    items.map(({ key, value }) => [String(isScalar(key) ? key.value : key), isScalar(value) ? value.value : value]),
  )
}

function readText(metadata: Metadata, key: string, report: Report): string | undefined {
  const value = metadata.get(key)
  if (value === undefined || typeof value === "string") return value
  report(key, "expected a text: put the value in quotes")
  return undefined
}

function readFlag(value: string | undefined, key: string, report: Report): boolean {
  if (value !== undefined && value !== "true" && value !== "false") {
    report(key, `expected "true" or "false", got ${JSON.stringify(value)}`)
  }
  return value === "true"
}

function readSecurePv(text: string | undefined, format: string | undefined, report: Report): SecurePv | undefined {
  if (format !== undefined && format !== "if-empty" && format !== "never") {
    report(SECURE_PV_FORMAT, `expected "if-empty" or "never", got ${JSON.stringify(format)}`)
  }
  if (text === undefined) {
    if (format !== undefined) report(SECURE_PV_FORMAT, `has no effect without ${SECURE_PV}`)
    return undefined
  }
  const securePv = parseSecurePv(text, (message) => {
    report(SECURE_PV, message)
  })
  return securePv && { ...securePv, ...(format === "never" && { format }) }
}

/** It may be an annotation or, as newer files have it, a label; where it is both, neither may say anything else. */
function readRole(workload: Workload, stated: readonly (string | undefined)[], report: Report): boolean {
  const roles = stated.filter((role) => role !== undefined)
  if (roles.length === 0) return false
  const unknown = roles.find((role) => role !== "coordinator")
  if (unknown !== undefined) report(ROLE, `expected "coordinator", got ${JSON.stringify(unknown)}`)
  if (workload.kind !== "StatefulSet") report(ROLE, "a Coordinator is a StatefulSet, with its own disk for the history")
  return roles.includes("coordinator")
}

function refuseUnknown(annotations: Metadata, report: Report): void {
  for (const key of annotations.keys()) {
    if (!key.startsWith(PREFIX) || UNDERSTOOD.includes(key) || WITHOUT_EFFECT.test(key)) continue
    report(
      key,
      SERVICE_MESH.test(key)
        ? "the service mesh proxy is not supported: use the files in /contrast/tls-config for mutual TLS"
        : `unknown annotation; known are ${UNDERSTOOD.join(", ")}`,
    )
  }
}

/** Above the pod template nothing reads them: neither we nor the pods would see, say, that a disk is to be encrypted. */
function refuseMisplaced(workload: Workload, isRead: (key: string) => boolean, report: Report): void {
  if (workload.object === workload.podTemplate) return
  const jobTemplate = workload.object.getIn(["spec", "jobTemplate"])
  for (const object of [workload.object, ...(isMap(jobTemplate) ? [jobTemplate] : [])]) {
    const keys = [...readMetadata(object, "annotations").keys(), ...readMetadata(object, "labels").keys()]
    for (const key of new Set(keys.filter((key) => UNDERSTOOD.includes(key) && !isRead(key)))) {
      report(`metadata: ${key}`, "has no effect here: it belongs into the annotations of the pod template")
    }
  }
}
