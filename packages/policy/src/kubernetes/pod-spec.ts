import { type Container, readContainer } from "./container.ts"
import type { Fields } from "./fields.ts"
import { type PodSecurity, readPodSecurity } from "./security-context.ts"
import { type Volume, readVolumes } from "./volumes.ts"

/** The `spec` of a pod: the fields that decide what runs in the guest. */
export interface PodSpec {
  /** Place in the object, for problems that show up later. */
  readonly path: string
  /** Init containers first, each in the order of the object. */
  readonly containers: readonly Container[]
  /** With those that a StatefulSet claims. */
  readonly volumes: readonly Volume[]
  readonly security: PodSecurity
  readonly hostNetwork: boolean
  readonly shareProcessNamespace: boolean
  readonly serviceLinks: boolean
  readonly serviceAccount: string
  readonly tokenMount: boolean
}

/** Reads the `spec` of a pod or pod template. */
export function readPodSpec(spec: Fields, claims: readonly Volume[]): PodSpec {
  spec.ignore(...PLACEMENT_FIELDS)
  refuseForeignKernel(spec)
  const containers = [...spec.list("initContainers", readContainer), ...spec.list("containers", readContainer)]
  const volumes = [...readVolumes(spec), ...claims]
  refuseRepeats(spec, { key: "containers", names: containers.map(({ name }) => name) })
  refuseRepeats(spec, { key: "volumes", names: volumes.map(({ name }) => name) })
  refuseUnknownVolumes(spec, containers, volumes)
  return {
    path: spec.path,
    containers,
    volumes,
    security: spec.map("securityContext", readPodSecurity),
    hostNetwork: spec.flag("hostNetwork") ?? false,
    shareProcessNamespace: spec.flag("shareProcessNamespace") ?? false,
    serviceLinks: spec.flag("enableServiceLinks") ?? true,
    serviceAccount: spec.text("serviceAccountName") ?? spec.text("serviceAccount") ?? "default",
    tokenMount: spec.flag("automountServiceAccountToken") ?? true,
  }
}

/** Where and when a pod runs, and how it is named in the network, is the host's to decide in any case. */
const PLACEMENT_FIELDS = [
  ...["restartPolicy", "terminationGracePeriodSeconds", "activeDeadlineSeconds", "nodeName", "nodeSelector"],
  ...["affinity", "tolerations", "topologySpreadConstraints", "priority", "priorityClassName", "preemptionPolicy"],
  ...["schedulerName", "schedulingGates", "overhead", "readinessGates", "imagePullSecrets", "dnsPolicy", "dnsConfig"],
  ...["hostAliases", "subdomain", "setHostnameAsFQDN", "hostname", "runtimeClassName", "resources"],
  ...["serviceAccount"],
]

/** What would share the host's kernel namespaces outside a guest does not mean the same inside. */
function refuseForeignKernel(spec: Fields): void {
  for (const [key, harmless] of [
    ["hostPID", false],
    ["hostIPC", false],
    ["hostUsers", true],
  ] as const) {
    if ((spec.flag(key) ?? harmless) !== harmless) {
      spec.refuse("unsupported value: it does not reach outside the guest", key)
    }
  }
  spec.map("os", (os) => os.choice("name", ["linux"]))
  spec.list("resourceClaims", (claim) => {
    claim.ignoreRest()
    claim.refuse("unsupported field")
  })
}

function refuseRepeats(spec: Fields, { key, names }: { key: string; names: readonly string[] }): void {
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined) {
    spec.refuse(`${JSON.stringify(repeated)} is named twice`, key)
  }
  if (key === "containers" && names.length === 0) {
    spec.refuse("expected a container", key)
  }
}

function refuseUnknownVolumes(spec: Fields, containers: readonly Container[], volumes: readonly Volume[]): void {
  const kinds = new Map(volumes.map(({ name, source }) => [name, source.kind]))
  for (const { name, mounts, devices } of containers) {
    for (const { volume } of mounts) {
      const kind = kinds.get(volume)
      if (kind === undefined || kind === "block") {
        const why = kind === undefined ? "is no volume of the pod" : "is usable as a block device only"
        spec.refuse(`${JSON.stringify(volume)}, mounted by container ${name}, ${why}`, "volumes")
      }
    }
    for (const { volume } of devices) {
      const kind = kinds.get(volume)
      if (kind !== "claim" && kind !== "block") {
        spec.refuse(
          `${JSON.stringify(volume)}, a device of container ${name}, is no claim, csi or iscsi volume`,
          "volumes",
        )
      }
    }
  }
}
