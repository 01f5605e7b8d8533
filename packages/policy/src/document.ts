import type { EnvironmentPolicy } from "./runtime/environment.ts"
import type { ProcessUser } from "./runtime/user.ts"
import type { Text } from "./text.ts"
import { compareText } from "./text-order.ts"

/** The data that the rules work on; names and order of the fields are those of the document. */
export interface PolicyDocument {
  readonly version: 1
  readonly sandbox: SandboxPolicy
  readonly settings: Settings
  /** The sandbox container first; the place in the list is the container's number in the agent's state. */
  readonly containers: readonly ContainerPolicy[]
}

/** What CreateSandbox, and the names that all containers share, are held to. */
export interface SandboxPolicy {
  readonly name: Text
  /** A pattern where the pod spec leaves it open: the first use pins it. */
  readonly namespace: Text
  readonly host_network: boolean
  readonly pidns: boolean
  readonly storages: readonly Storage[]
}

/** What a platform may do differently. */
export interface Settings {
  readonly oci_versions: readonly string[]
  readonly rlimits: readonly { readonly Type: string; readonly Hard: number; readonly Soft: number }[]
  readonly apparmor_profiles: readonly string[]
  readonly cgroup_mount_extras: readonly string[]
  /** Whether the host may read output and write input. */
  readonly logs: boolean
  readonly stdin: boolean
  /** Whether the runtime passes streams by ports. */
  readonly fd_passing: boolean
}

/** What CreateContainer and ExecProcess of one container are held to. */
export interface ContainerPolicy {
  readonly name: string
  readonly type: "sandbox" | "container"
  readonly image: { readonly digest: string } | { readonly guest: string }
  readonly process: ProcessPolicy
  readonly env: EnvironmentPolicy
  readonly root_readonly: boolean
  readonly root_propagation: RootPropagation
  readonly privileged: boolean
  readonly pidns: boolean
  readonly namespaces: readonly string[]
  readonly mounts: readonly MountPolicy[]
  readonly storages: readonly StoragePolicy[]
  readonly devices: readonly string[]
  readonly masked: readonly string[]
  readonly readonly: readonly string[]
  readonly sysctls: { readonly allowed: ReadonlyMap<string, string>; readonly required: ReadonlyMap<string, string> }
  readonly annotations: ReadonlyMap<string, string>
  readonly exec: readonly (readonly string[])[]
}

export interface ProcessPolicy {
  readonly args: readonly Text[]
  readonly cwd: string
  readonly terminal: boolean
  readonly user: ProcessUser
  readonly capabilities: readonly string[]
  readonly no_new_privileges: boolean
}

/** How mounts travel between a container's root and its guest; empty where nothing asks for it. */
export type RootPropagation = "" | "rslave" | "rshared"

/** A mount and the ways to make it. */
export interface MountPolicy {
  readonly destination: string
  readonly required: boolean
  readonly any: readonly MountAlternative[]
}

export interface MountAlternative {
  readonly type: string
  /** A text or pattern, a file that the host shares for this container, or a block storage of the same request. */
  readonly source: Text | { readonly shared: string } | { readonly storage: "block" }
  readonly options: readonly string[]
}

/** A storage as the agent's protocol has it. */
export interface Storage {
  readonly driver: string
  readonly driver_options: readonly string[]
  readonly source: string
  readonly fstype: string
  readonly options: readonly string[]
  readonly mount_point: string
  readonly fs_group: FsGroup | null
  readonly shared: boolean
}

export interface FsGroup {
  readonly group_id: number
  /** 0 always, 1 on root mismatch. */
  readonly group_change_policy: 0 | 1
}

/** Storages of a container that are alike, and how many there are. */
export type StoragePolicy =
  | ({ readonly class: "ephemeral"; readonly count: number } & Omit<Storage, "driver" | "driver_options" | "fs_group">)
  | ({ readonly class: "block"; readonly count: number } & Omit<Storage, "driver" | "source" | "mount_point">)

/**
 * The text of the document: JSON, one element a line, because the agent's engine bounds the length of a line. Maps are
 * sorted by key, so that their order in the pod spec does not matter.
 */
export function encodeDocument(document: PolicyDocument): string {
  return encodeJson(document, "")
}

function encodeJson(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    return encodeBlock(
      "[]",
      value.map((element: unknown) => ({ label: "", element })),
      indent,
    )
  }
  if (typeof value === "object" && value !== null) {
    const lines = listEntries(value).map(([key, element]) => ({ label: `${JSON.stringify(key)}: `, element }))
    return encodeBlock("{}", lines, indent)
  }
  return JSON.stringify(value)
}

function listEntries(value: object): readonly (readonly [string, unknown])[] {
  if (!(value instanceof Map)) {
    return Object.entries(value)
  }
  return [...(value as Map<string, unknown>)].sort(([a], [b]) => compareText(a, b)) // the document's maps have texts as keys
}

interface Line {
  readonly label: string
  readonly element: unknown
}

function encodeBlock(brackets: "[]" | "{}", lines: readonly Line[], indent: string): string {
  if (lines.length === 0) {
    return brackets
  }
  const inner = `${indent}  `
  const content = lines.map(({ label, element }) => `${inner}${label}${encodeJson(element, inner)}`).join(",\n")
  return `${brackets.charAt(0)}\n${content}\n${indent}${brackets.charAt(1)}`
}
