import type { Problem, Workload } from "@contrast/policy"
import { type YAMLMap, isMap } from "yaml"
import { containersOf, podSpecOf, problemOf } from "./pod.ts"
import { type SecurePv, addSecurePvVolume, memoryVolume, openMemoryVolume } from "./secure-pv.ts"
import { type PlainValue, findNamed, holdsValue, listMaps, openList, removeMaps } from "./yaml-edit.ts"

/** Name of the container that the Initializer runs in. */
export const INITIALIZER_NAME = "contrast-initializer"

const SECRETS_VOLUME = "contrast-secrets"
const SECRETS_PATH = "/contrast"
const SECRETS_IN_MEMORY = memoryVolume(SECRETS_VOLUME)
const DEVICE_PATH = "/dev/csi0"
const STATE_PATH = "/state"
/** It takes 76 MiB at its peak. */
const MEMORY = "96Mi"
/** cryptsetup's 10 MiB for argon2id and file caches come to it. */
const MEMORY_WITH_DISK = "192Mi"

/** What the Initializer of a workload is made from. */
export interface InitializerInputs {
  /** Image reference with digest. */
  readonly image: string
  readonly coordinatorNamespace: string | undefined
  readonly securePv: SecurePv | undefined
}

/**
 * Puts the Initializer in front of a workload's init containers, in place of an earlier one, and mounts the volume of
 * its secrets into all containers.
 *
 * @returns What stands in the way.
 */
export function injectInitializer(workload: Workload, inputs: InitializerInputs): readonly Problem[] {
  const problems = inputs.securePv === undefined ? [] : [...addSecurePvVolume(workload, inputs.securePv)]
  if (!openMemoryVolume(workload, SECRETS_VOLUME) || !isInMemory(workload)) {
    const message = `volume "${SECRETS_VOLUME}" must be an emptyDir with medium: Memory`
    problems.push(problemOf(workload, "spec.volumes", message))
  }
  putFirst(workload, initializerContainer(inputs, asRoot(workload)))
  return [...problems, ...containersOf(workload).flatMap((container) => mountSecrets(workload, container))]
}

/** Whether the workload has an Initializer, of an earlier run or of its own. */
export function hasInitializer(workload: Workload): boolean {
  return findNamed(podSpecOf(workload), "initContainers", INITIALIZER_NAME) !== undefined
}

/**
 * Takes an Initializer out again, and with it the volume of its secrets and their mounts.
 *
 * @returns Which mounts of other places would be left without files.
 */
export function removeInitializer(workload: Workload): readonly Problem[] {
  if (!hasInitializer(workload)) return []
  const spec = podSpecOf(workload)
  removeMaps(spec, "initContainers", (container) => container.get("name") === INITIALIZER_NAME)
  for (const container of containersOf(workload)) removeMaps(container, "volumeMounts", isSecretsMount)
  const problems = containersOf(workload).flatMap((container) => refuseOtherMounts(workload, container))
  removeMaps(spec, "volumes", (volume) => holdsValue(volume, SECRETS_IN_MEMORY))
  return problems
}

function isSecretsMount(mount: YAMLMap): boolean {
  return mount.get("name") === SECRETS_VOLUME && mount.get("mountPath") === SECRETS_PATH
}

function refuseOtherMounts(workload: Workload, container: YAMLMap): readonly Problem[] {
  const mounts = listMaps(container, "volumeMounts").filter((mount) => mount.get("name") === SECRETS_VOLUME)
  return mounts.map((mount) => {
    const message = `the Initializer is skipped, and volume "${SECRETS_VOLUME}" with it: remove its mount at ${String(mount.get("mountPath"))}`
    return problemOf(workload, `container ${String(container.get("name"))}`, message)
  })
}

/** Secrets must not be written to a disk, not even to one inside the guest. */
function isInMemory(workload: Workload): boolean {
  const volume = findNamed(podSpecOf(workload), "volumes", SECRETS_VOLUME)
  return volume?.getIn(["emptyDir", "medium"]) === "Memory"
}

type Container = { readonly name: string } & { readonly [key: string]: PlainValue }

function initializerContainer(
  { image, coordinatorNamespace = "default", securePv }: InitializerInputs,
  user: { readonly [key: string]: PlainValue },
): Container {
  const host = { name: "COORDINATOR_HOST", value: `coordinator-ready.${coordinatorNamespace}` }
  const mesh = { name: "CONTRAST_SERVICE_MESH_DISABLED", value: "true" }
  const secrets = { name: SECRETS_VOLUME, mountPath: SECRETS_PATH }
  if (securePv === undefined) {
    return {
      ...{ name: INITIALIZER_NAME, image, env: [host, mesh] },
      resources: { requests: { memory: MEMORY } },
      securityContext: { ...user, capabilities: { add: ["NET_ADMIN"] } },
      volumeMounts: [secrets],
    }
  }
  return {
    ...{ name: INITIALIZER_NAME, image, env: [host, ...diskVariables(securePv), mesh] },
    restartPolicy: "Always", // the disk stays open as long as this container runs
    resources: { requests: { memory: MEMORY_WITH_DISK }, limits: { memory: MEMORY_WITH_DISK } },
    securityContext: { ...user, privileged: true },
    startupProbe: { exec: { command: ["/bin/test", "-f", "/done"] }, periodSeconds: 5, failureThreshold: 20 },
    volumeDevices: [{ name: securePv.device, devicePath: DEVICE_PATH }],
    volumeMounts: [{ name: securePv.mount, mountPath: STATE_PATH, mountPropagation: "Bidirectional" }, secrets],
  }
}

/** It is root's to write its files, to open the disk and to ask for evidence, whoever the pod's other containers run as. */
function asRoot(workload: Workload): { readonly [key: string]: PlainValue } {
  const ofPod = podSpecOf(workload).get("securityContext")
  const stated = isMap(ofPod) && ["runAsUser", "runAsGroup", "runAsNonRoot"].some((key) => ofPod.has(key))
  return stated ? { runAsUser: 0, runAsGroup: 0, runAsNonRoot: false } : {}
}

function diskVariables({ format }: SecurePv): readonly { readonly name: string; readonly value: string }[] {
  const device = { name: "CRYPTSETUP_DEVICE", value: DEVICE_PATH }
  return format === undefined ? [device] : [device, { name: "CRYPTSETUP_FORMAT", value: format }]
}

function putFirst(workload: Workload, container: Container): void {
  const { document, list } = openList({ document: workload.document, map: podSpecOf(workload) }, "initContainers")
  if (holdsValue(list.items[0], container)) return
  list.items = [
    document.createNode(container),
    ...list.items.filter((item) => !(isMap(item) && item.get("name") === INITIALIZER_NAME)),
  ]
}

function mountSecrets(workload: Workload, container: YAMLMap): readonly Problem[] {
  const atPath = listMaps(container, "volumeMounts").find((mount) => mount.get("mountPath") === SECRETS_PATH)
  if (atPath === undefined) {
    const { document, list } = openList({ document: workload.document, map: container }, "volumeMounts")
    list.items.push(document.createNode({ name: SECRETS_VOLUME, mountPath: SECRETS_PATH }))
    return []
  }
  if (atPath.get("name") === SECRETS_VOLUME) return []
  const message = `${SECRETS_PATH} is where the Initializer's files appear: mount another volume elsewhere`
  return [problemOf(workload, `container ${String(container.get("name"))}`, message)]
}
