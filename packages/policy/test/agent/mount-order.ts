import { APP, APP_ID, basePolicy, startBefore } from "./base.ts"
import type { Permission } from "./allowed.ts"
import type { Refusal } from "./refused-containers.ts"
import { type Mount, type Request, createContainer, sharedFile } from "./requests.ts"

/** Files of the host with memory and a disk below them, and memory beside them whose name begins alike. */
const NESTED_POLICY = basePolicy([
  ["mountPath: /etc/app", "mountPath: /data"],
  ["mountPath: /mem", "mountPath: /data/mem"],
  ["mountPath: /disk", "mountPath: /data/mem/disk"],
  ["mountPath: /other", "mountPath: /data2"],
])

/** A volume in the place of a file system of the kernel, with a mount of the runtime below it. */
const SYS_POLICY = basePolicy([["mountPath: /etc/app", "mountPath: /sys"]])

/** The mounts of the base under their new destinations, by these. */
const FILES = { ...baseMount("/etc/app"), destination: "/data", source: sharedFile(APP_ID, "data") }
const MEMORY = { ...baseMount("/mem"), destination: "/data/mem" }
const DISK = { ...baseMount("/disk"), destination: "/data/mem/disk" }
const SIBLING = { ...baseMount("/other"), destination: "/data2" }
const SYS = { ...baseMount("/etc/app"), destination: "/sys", source: sharedFile(APP_ID, "sys") }

const RUNTIME_MOUNTS = APP.mounts.slice(0, -4)

/** The order of the mounts decides what a container sees: these are allowed … */
export const ORDER_PERMISSIONS: readonly Permission[] = [
  order("the parents first", [...RUNTIME_MOUNTS, FILES, MEMORY, DISK, SIBLING]),
  order("siblings in another order", [...RUNTIME_MOUNTS, SIBLING, FILES, MEMORY, DISK]),
  order("what no other lies above in between", [FILES, MEMORY, ...RUNTIME_MOUNTS, SIBLING, DISK]),
  {
    ...order("the cgroups before a volume at /sys", [
      ...RUNTIME_MOUNTS.filter(({ destination }) => destination !== "/sys"),
      ...[baseMount("/mem"), baseMount("/other"), baseMount("/disk"), SYS],
    ]),
    policy: SYS_POLICY,
  },
]

/** … and these are not. */
export const ORDER_REFUSALS: readonly Refusal[] = [
  order("files of the host over memory", [...RUNTIME_MOUNTS, MEMORY, DISK, FILES, SIBLING]),
  order("files of the host over a disk two levels below", [...RUNTIME_MOUNTS, DISK, FILES, MEMORY, SIBLING]),
  order("memory over a disk", [...RUNTIME_MOUNTS, FILES, DISK, SIBLING, MEMORY]),
  order("all mounts reversed", [...RUNTIME_MOUNTS, FILES, MEMORY, DISK, SIBLING].reverse()),
  order("/dev over /dev/shm", [...RUNTIME_MOUNTS.filter(isNotDev), baseMount("/dev"), FILES, MEMORY, DISK, SIBLING]),
].map((scenario) => ({ ...scenario, condition: "C26" }))

function order(
  name: string,
  mounts: readonly Mount[],
): { readonly name: string; readonly policy: string; readonly requests: readonly Request[] } {
  const requests = [...startBefore("app"), createContainer({ ...APP, mounts })]
  return { name: `order of mounts: ${name}`, policy: NESTED_POLICY, requests }
}

function baseMount(destination: string): Mount {
  const found = APP.mounts.find((mount) => mount.destination === destination)
  if (found === undefined) {
    throw new RangeError(`the base has no mount at ${destination}`)
  }
  return found
}

function isNotDev({ destination }: Mount): boolean {
  return destination !== "/dev"
}
