import { type CapabilityChanges, ALL_CAPABILITIES } from "../runtime/capabilities.ts"
import type { Fields } from "./fields.ts"

/** What pod and container say about a process's user; of both, the container's word counts. */
export interface UserChoice {
  readonly runAsUser: number | undefined
  readonly runAsGroup: number | undefined
  readonly runAsNonRoot: boolean | undefined
}

/** The pod's own part of the security context. */
export interface PodSecurity extends UserChoice {
  readonly fsGroup: number | undefined
  readonly fsGroupOnRootMismatch: boolean
  readonly supplementalGroups: readonly number[]
  readonly mergeImageGroups: boolean
  readonly sysctls: ReadonlyMap<string, string>
}

/** A container's own part of the security context. */
export interface ContainerSecurity extends UserChoice {
  readonly privileged: boolean
  readonly capabilities: CapabilityChanges
  readonly noNewPrivileges: boolean
  readonly readOnlyRoot: boolean
  /** A profile is asked for, which the runtime will drop. */
  readonly namesSeccomp: boolean
}

/** Reads `spec.securityContext` of a pod. */
export function readPodSecurity(fields: Fields): PodSecurity {
  readProfiles(fields)
  const policy = fields.choice("fsGroupChangePolicy", ["Always", "OnRootMismatch"])
  const groups = fields.choice("supplementalGroupsPolicy", ["Merge", "Strict"])
  const user = readUserChoice(fields)
  if (user.runAsGroup !== undefined && user.runAsUser === undefined) {
    fields.refuse("containerd takes a group only together with a runAsUser of the pod", "runAsGroup")
  }
  return {
    ...user,
    fsGroup: fields.id("fsGroup"),
    fsGroupOnRootMismatch: policy === "OnRootMismatch",
    supplementalGroups: fields.ids("supplementalGroups"),
    mergeImageGroups: groups !== "Strict",
    sysctls: readSysctls(fields),
  }
}

/** Reads `securityContext` of a container. */
export function readContainerSecurity(fields: Fields): ContainerSecurity {
  readProfiles(fields)
  const procMount = fields.text("procMount")
  if (procMount !== undefined && procMount !== "Default") {
    fields.refuse("unsupported value: only Default is supported", "procMount")
  }
  const privileged = fields.flag("privileged") ?? false
  const capabilities = fields.map("capabilities", (changes) => readCapabilityChanges(changes, privileged))
  const allowEscalation = fields.flag("allowPrivilegeEscalation")
  if (allowEscalation === false && (privileged || grants(capabilities, "SYS_ADMIN"))) {
    fields.refuse("false is refused for a container that is privileged or has SYS_ADMIN", "allowPrivilegeEscalation")
  }
  return {
    ...readUserChoice(fields),
    privileged,
    capabilities,
    noNewPrivileges: allowEscalation === false,
    readOnlyRoot: fields.flag("readOnlyRootFilesystem") ?? false,
    namesSeccomp: fields.has("seccompProfile"),
  }
}

function readUserChoice(fields: Fields): UserChoice {
  return {
    runAsUser: fields.id("runAsUser"),
    runAsGroup: fields.id("runAsGroup"),
    runAsNonRoot: fields.flag("runAsNonRoot"),
  }
}

/** Profiles of the host's kernel say nothing inside the guest: the runtime drops seccomp, and the rules demand that. */
function readProfiles(fields: Fields): void {
  fields.ignore("seccompProfile")
  fields.optionalMap("appArmorProfile", (profile) => profile.choice("type", ["RuntimeDefault", "Unconfined"]))
}

function readSysctls(fields: Fields): ReadonlyMap<string, string> {
  const entries = fields.list("sysctls", (sysctl) => {
    const name = sysctl.requiredText("name")
    if (name.length > MAX_SYSCTL_LENGTH || !SYSCTL_NAME.test(name)) {
      sysctl.refuse(`${JSON.stringify(name)} is no name of a sysctl`, "name")
    }
    return [name.replaceAll("/", "."), sysctl.text("value") ?? ""] as const
  })
  return new Map(entries)
}

const MAX_SYSCTL_LENGTH = 253
const SYSCTL_NAME = /^[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/

function readCapabilityChanges(fields: Fields, privileged: boolean): CapabilityChanges {
  const add = readCapabilities(fields, "add")
  const drop = readCapabilities(fields, "drop")
  const both = add.find((name) => drop.includes(name))
  if (both !== undefined) {
    fields.refuse(`${both} is both added and dropped`)
  }
  if (privileged && drop.length > 0) {
    fields.refuse("a privileged container has all capabilities", "drop")
  }
  return { add, drop }
}

function readCapabilities(fields: Fields, key: string): readonly string[] {
  return fields.texts(key).map((given) => {
    const name = given.toUpperCase().replace(/^CAP_/, "")
    if (name !== "ALL" && !ALL_CAPABILITIES.includes(name)) {
      fields.refuse(`unknown capability ${JSON.stringify(given)}`, key)
    }
    return name
  })
}

function grants({ add }: CapabilityChanges, name: string): boolean {
  return add.includes(name) || add.includes("ALL")
}
