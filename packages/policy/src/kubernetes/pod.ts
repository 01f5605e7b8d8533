import type { YAMLMap } from "yaml"
import { INITDATA_ANNOTATION } from "../annotation.ts"
import { type Fields, type Report, readFields } from "./fields.ts"
import type { WorkloadKind } from "./kind.ts"
import { type PodSpec, readPodSpec } from "./pod-spec.ts"
import { isValueMap, readValue } from "./value.ts"
import type { Volume } from "./volumes.ts"

/** The pods of a workload: what of the whole object decides what runs in the guest. */
export interface Pod extends PodSpec {
  readonly origin: PodOrigin
  readonly labels: ReadonlyMap<string, string>
  /** Without the initdata annotation. */
  readonly annotations: ReadonlyMap<string, string>
}

/** What the pods are named after. */
export interface PodOrigin {
  readonly kind: WorkloadKind
  readonly name: string
  /** The name is `generateName`: five random characters follow. */
  readonly nameIsGenerated: boolean
  readonly namespace: string | undefined
  /** Of jobs: each pod has an index. */
  readonly isIndexed: boolean
}

/** Reads the pods that an object makes, and reports every field that is not understood. */
export function readPod(object: YAMLMap, kind: WorkloadKind, report: Report): Pod {
  const value = readValue(object)
  return readFields({ map: isValueMap(value) ? value : new Map(), path: "", report }, (fields) => {
    fields.ignore("apiVersion", "kind", "status")
    return kind === "Pod" ? readBarePod(fields) : readController(fields, kind)
  })
}

function readBarePod(object: Fields): Pod {
  const { labels, annotations, ...names } = object.map("metadata", readMetadata)
  const spec = object.map("spec", (fields) => readPodSpec(fields, []))
  return { origin: { kind: "Pod", isIndexed: false, ...names }, labels, annotations, ...spec }
}

function readController(object: Fields, kind: WorkloadKind): Pod {
  const { name, nameIsGenerated, namespace } = object.map("metadata", readMetadata)
  const read = (spec: Fields): Pod => readControllerSpec(spec, { kind, name, nameIsGenerated, namespace })
  return object.map("spec", (spec) => {
    if (kind !== "CronJob") {
      return read(spec)
    }
    spec.ignoreRest()
    return spec.map("jobTemplate", (job) => {
      job.ignore("metadata")
      return job.map("spec", read)
    })
  })
}

/** The control plane decides how many pods there are, and when: such fields change nothing in the guest. */
function readControllerSpec(spec: Fields, names: Omit<PodOrigin, "isIndexed">): Pod {
  spec.ignoreRest()
  const isJob = names.kind === "Job" || names.kind === "CronJob"
  const isIndexed = isJob && spec.choice("completionMode", ["NonIndexed", "Indexed"]) === "Indexed"
  const claims = names.kind === "StatefulSet" ? spec.list("volumeClaimTemplates", readClaim) : []
  return spec.map("template", (template) => {
    const { labels, annotations } = template.map("metadata", readMetadata)
    const pod = template.map("spec", (fields) => readPodSpec(fields, claims))
    return { origin: { ...names, isIndexed }, labels, annotations, ...pod }
  })
}

function readClaim(claim: Fields): Volume {
  claim.ignoreRest()
  const name = claim.map("metadata", (metadata) => {
    metadata.ignoreRest()
    return metadata.requiredText("name")
  })
  return { name, source: { kind: "claim", readOnly: false } }
}

type Metadata = Omit<PodOrigin, "kind" | "isIndexed"> & Pick<Pod, "labels" | "annotations">

function readMetadata(fields: Fields): Metadata {
  fields.ignore("uid", "resourceVersion", "creationTimestamp", "managedFields", "ownerReferences", "finalizers")
  fields.ignore("generation", "selfLink")
  const name = fields.text("name")
  const prefix = fields.text("generateName")
  const annotations = fields.textMap("annotations")
  return {
    name: name ?? prefix ?? "",
    nameIsGenerated: name === undefined,
    namespace: fields.text("namespace"),
    labels: fields.textMap("labels"),
    annotations: new Map([...annotations].filter(([key]) => key !== INITDATA_ANNOTATION)),
  }
}
