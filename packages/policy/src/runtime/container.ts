import type { ContainerPolicy } from "../document.ts"
import { type ImageFacts, type ImageFactsLookup, SILENT_IMAGE } from "../image-facts.ts"
import type { ConfigMapLookup } from "../kubernetes/config-map.ts"
import type { Container } from "../kubernetes/container.ts"
import type { Report } from "../kubernetes/fields.ts"
import type { Pod } from "../kubernetes/pod.ts"
import { type Text, joinText } from "../text.ts"
import { compareText } from "../text-order.ts"
import { resolveCapabilities } from "./capabilities.ts"
import { environmentPolicy } from "./environment.ts"
import { expandVariables } from "./expansion.ts"
import { MASKED_PATHS, READONLY_PATHS } from "./kernel-paths.ts"
import { containerMounts, rootPropagation } from "./mounts.ts"
import { probeCommands } from "./probes.ts"
import { containerStorages } from "./storages.ts"
import { type ProcessUser, resolveUser } from "./user.ts"
import { type Variables, resolveVariables, variableLookup } from "./variables.ts"

/** What a container's policy is made of. */
export interface ContainerInputs {
  readonly pod: Pod
  readonly container: Container
  readonly imageFacts: ImageFactsLookup
  readonly configMaps: ConfigMapLookup
  /** Told of what is missing or does not fit; the policy is of no use then. */
  readonly report: Report
}

/** The policy of a workload container. */
export function containerPolicy({ pod, container, imageFacts, configMaps, report }: ContainerInputs): ContainerPolicy {
  const { name, path, security } = container
  const facts = container.image === undefined ? undefined : imageFacts(container.image.text)
  const image = facts ?? SILENT_IMAGE
  const variables = resolveVariables({
    pod,
    environment: container.environment,
    configMaps,
    report: (place, message) => {
      report(`${path}.${place}`, message)
    },
  })
  const args = resolveArguments({ pod, container, image, variables })
  if (args.length === 0) {
    report(
      `${path}.command`,
      facts === undefined ? "expected a command: nothing is known of the image" : "expected a command",
    )
  }
  refuseOpenVolumes(container, image, report)
  return {
    name,
    type: "container",
    image: { digest: container.image?.digest ?? "" },
    process: {
      args,
      cwd: container.workingDir || image.workingDir || "/",
      terminal: container.tty,
      user: checkedUser({ pod, container, image: facts, report }),
      capabilities: resolveCapabilities(security.privileged, security.capabilities),
      no_new_privileges: security.noNewPrivileges,
    },
    env: environmentPolicy({ pod, image, variables, tty: container.tty }),
    root_readonly: security.readOnlyRoot,
    root_propagation: rootPropagation(container),
    privileged: security.privileged,
    pidns: pod.shareProcessNamespace,
    namespaces: ["ipc", "mount", "uts"],
    mounts: containerMounts(pod, container),
    storages: containerStorages(pod, container),
    devices: container.devices.map((device) => device.path).sort(compareText),
    masked: security.privileged ? [] : MASKED_PATHS,
    readonly: security.privileged ? [] : READONLY_PATHS,
    sysctls: { allowed: new Map(), required: new Map() },
    annotations: new Map([
      ...pod.annotations,
      ["io.kubernetes.container.terminationMessagePath", container.terminationMessagePath],
    ]),
    exec: probeCommands(container, report),
  }
}

interface ArgumentInputs {
  readonly pod: Pod
  readonly container: Container
  readonly image: ImageFacts
  readonly variables: Variables
}

/** A command of the pod spec replaces the image's entrypoint and its arguments, arguments alone only the latter. */
function resolveArguments({ pod, container, image, variables }: ArgumentInputs): readonly Text[] {
  const lookup = variableLookup(pod, variables)
  const expand = (list: readonly string[]): readonly Text[] =>
    list.map((argument) => joinText(expandVariables(argument, lookup)))
  const entrypoint = container.command.length > 0 ? expand(container.command) : image.entrypoint
  const imageCmd = container.command.length > 0 ? [] : image.cmd
  return [...entrypoint, ...(container.args.length > 0 ? expand(container.args) : imageCmd)]
}

interface UserCheck extends Pick<ContainerInputs, "pod" | "container" | "report"> {
  readonly image: ImageFacts | undefined
}

function checkedUser({ pod, container, image, report }: UserCheck): ProcessUser {
  const path = `${container.path}.securityContext`
  const user = resolveUser({ pod: pod.security, container: container.security, image })
  if ("missing" in user) {
    report(path, `state ${user.missing}`)
    return { uid: 0, gid: 0, groups: [0] }
  }
  if ((container.security.runAsNonRoot ?? pod.security.runAsNonRoot) === true && user.uid === 0) {
    report(path, "runAsNonRoot is true, but the user is 0")
  }
  return user
}

/** The host would fill such a volume with content of its choice. */
function refuseOpenVolumes(container: Container, image: ImageFacts, report: Report): void {
  const mounted = new Set(container.mounts.map(({ destination }) => destination))
  for (const volume of image.volumes) {
    if (!mounted.has(volume.replace(/\/+$/, ""))) {
      report(`${container.path}.volumeMounts`, `the image has a volume at ${volume}: mount an emptyDir there`)
    }
  }
}
