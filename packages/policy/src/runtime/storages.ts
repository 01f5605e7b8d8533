import type { FsGroup, Storage, StoragePolicy } from "../document.ts"
import type { Container } from "../kubernetes/container.ts"
import type { Pod } from "../kubernetes/pod.ts"
import type { PodSecurity } from "../kubernetes/security-context.ts"
import { ephemeralPath } from "./mounts.ts"

/** Storages of CreateSandbox: the shared memory of the pod. */
export const SANDBOX_STORAGES: readonly Storage[] = [
  {
    driver: "ephemeral",
    driver_options: [],
    source: "shm",
    fstype: "tmpfs",
    options: ["noexec", "nosuid", "nodev", "mode=1777", "size=67108864"],
    mount_point: "/run/kata-containers/sandbox/shm",
    fs_group: null,
    shared: false,
  },
]

/** The storages behind a container's emptyDir mounts: one for each mount, also of one volume. */
export function containerStorages(pod: Pod, container: Container): readonly StoragePolicy[] {
  const kinds = new Map(pod.volumes.map(({ name, source }) => [name, source.kind]))
  const volumes = container.mounts.map(({ volume }) => volume)
  const memory = volumes.filter((volume) => kinds.get(volume) === "memory")
  const disks = volumes.filter((volume) => kinds.get(volume) === "disk")
  return [
    ...[...new Set(memory)].sort().map((volume) => ephemeral(pod, volume, memory)),
    ...(disks.length > 0 ? [block(pod, disks.length)] : []),
  ]
}

function ephemeral({ security }: Pod, volume: string, mounted: readonly string[]): StoragePolicy {
  const group = namedGroup(security)
  return {
    class: "ephemeral",
    count: mounted.filter((name) => name === volume).length,
    source: "tmpfs",
    fstype: "tmpfs",
    options: group === undefined ? [] : [`fsgid=${group}`],
    mount_point: ephemeralPath(volume),
    shared: false,
  }
}

/** The group that the runtime hands on: that of the volume's directory on the host, where it is not root's. */
function namedGroup({ fsGroup }: PodSecurity): number | undefined {
  return fsGroup === 0 ? undefined : fsGroup
}

/** A disk that the guest encrypts with a key of its own; which device it is, the request says (C35). */
function block({ security }: Pod, count: number): StoragePolicy {
  const group = namedGroup(security)
  const fsGroup: FsGroup | null =
    group === undefined ? null : { group_id: group, group_change_policy: security.fsGroupOnRootMismatch ? 1 : 0 }
  return {
    class: "block",
    count,
    fstype: "ext4",
    options: [],
    driver_options: ["encryption_key=ephemeral", "create_filesystem"],
    fs_group: fsGroup,
    shared: true,
  }
}
