import type { Problem, Workload } from "@contrast/policy"
import { type YAMLMap, isMap } from "yaml"
import { podSpecOf, problemOf } from "./pod.ts"
import { findNamed, listMaps, openList, putNamed } from "./yaml-edit.ts"

/** An encrypted volume: the block device that holds it, and the volume through which containers see what is on it. */
export interface SecurePv {
  /** Name of a volume or volume claim template. */
  readonly device: string
  /** Name of an emptyDir volume. */
  readonly mount: string
  /** Refuses a device that is empty, instead of making it into an encrypted disk. */
  readonly format?: "never"
}

const ANNOTATION = "contrast.edgeless.systems/secure-pv"
/** Sources of volumes that can be block devices. */
const DEVICE_SOURCES = ["persistentVolumeClaim", "iscsi"]

/** Reads `device:mount`. */
export function parseSecurePv(text: string, report: (message: string) => void): SecurePv | undefined {
  const [device = "", mount = "", ...rest] = text.split(":")
  if (device === "" || mount === "" || rest.length > 0) {
    report(`expected "<device>:<mount>", the names of two volumes, got ${JSON.stringify(text)}`)
    return undefined
  }
  return { device, mount }
}

/** Checks that the pod has the device, and adds the volume that it is mounted through, unless it is there. */
export function addSecurePvVolume(workload: Workload, { device, mount }: SecurePv): readonly Problem[] {
  const spec = podSpecOf(workload)
  const refuse = (message: string): readonly Problem[] => [problemOf(workload, ANNOTATION, message)]
  const found = findDevice(workload, device)
  if (found !== "usable") {
    const names = [
      ...listMaps(spec, "volumes").map((volume) => volume.get("name")),
      ...claimTemplates(workload).map((claim) => claim.getIn(["metadata", "name"])),
    ]
    const volumes = names.filter((name) => typeof name === "string").join(", ") || "none"
    return refuse(
      found === "missing"
        ? `there is no volume "${device}"; the pod's volumes: ${volumes}`
        : `volume "${device}" must be a persistentVolumeClaim, iscsi or volumeClaimTemplate to hold an encrypted disk`,
    )
  }
  return openMemoryVolume(workload, mount)
    ? []
    : refuse(`volume "${mount}" must be an emptyDir: the disk appears in it`)
}

/** Makes sure of a volume of this name that is an emptyDir; false if the name stands for something else. */
export function openMemoryVolume(workload: Workload, name: string): boolean {
  const map = podSpecOf(workload)
  const existing = findNamed(map, "volumes", name)
  if (existing !== undefined) return isEmptyDir(existing)
  putNamed(openList({ document: workload.document, map }, "volumes"), memoryVolume(name))
  return true
}

/** The volume that is made where there is none of this name. */
export function memoryVolume(name: string): { readonly name: string; readonly emptyDir: { readonly medium: string } } {
  return { name, emptyDir: { medium: "Memory" } }
}

/** Without a value it is one as well, with all its defaults. */
function isEmptyDir(volume: YAMLMap): boolean {
  const source = volume.get("emptyDir")
  return isMap(source) || (source === undefined && volume.has("emptyDir"))
}

/** Things a user will want to know of an encrypted volume that is otherwise in order. */
export function securePvAdvice(workload: Workload, { device, mount }: SecurePv): readonly string[] {
  const template = claimTemplates(workload).find((claim) => claim.getIn(["metadata", "name"]) === device)
  const mounts = listMaps(podSpecOf(workload), "containers").flatMap((container) =>
    listMaps(container, "volumeMounts").filter((item) => item.get("name") === mount),
  )
  const isSeen = mounts.every((item) => item.get("mountPropagation") === "HostToContainer")
  return [
    ...(template !== undefined && template.getIn(["spec", "volumeMode"]) !== "Block"
      ? [`volumeClaimTemplate "${device}" needs volumeMode: Block, or its pods will not start`]
      : []),
    ...(mounts.length === 0 ? [`no container mounts volume "${mount}", so none sees the encrypted disk`] : []),
    ...(isSeen
      ? []
      : [`mounts of volume "${mount}" need mountPropagation: HostToContainer to show the encrypted disk`]),
  ]
}

function findDevice(workload: Workload, name: string): "usable" | "unusable" | "missing" {
  if (claimTemplates(workload).some((claim) => claim.getIn(["metadata", "name"]) === name)) return "usable"
  const volume = findNamed(podSpecOf(workload), "volumes", name)
  if (volume === undefined) return "missing"
  return DEVICE_SOURCES.some((source) => volume.has(source)) ? "usable" : "unusable"
}

function claimTemplates({ kind, object }: Workload): readonly YAMLMap[] {
  const spec = object.get("spec")
  return kind === "StatefulSet" && isMap(spec) ? listMaps(spec, "volumeClaimTemplates") : []
}
