/** Mounts an opened volume and takes it off again. */
import { readFile, readdir, realpath } from "node:fs/promises"
import { InitializerError } from "./error.ts"
import { findMounted } from "./mount-table.ts"
import { type ProgramCall, failureOf, runProgram } from "./program.ts"

const MOUNT_TIMEOUT_MS = 10 * 60_000

/** How mount(8) words EIO, EINVAL, EUCLEAN and EBADMSG: what stands on the volume cannot be read or makes no sense. */
const DAMAGE = /can't read superblock|bad superblock|structure needs cleaning|bad message|input\/output error/i

/** The number of the device that is mounted at a path now, or `undefined`. */
export async function readMounted(mountPoint: string): Promise<string | undefined> {
  const resolved = await realpath(mountPoint).catch(() => mountPoint) // the kernel lists paths without links and dots
  return findMounted(await readFile("/proc/self/mountinfo", "utf8"), resolved)
}

/**
 * Checks that a volume can be mounted there without hiding anything.
 *
 * @throws {@link InitializerError} `MOUNT_POINT_ABSENT` or `MOUNT_POINT_BUSY`.
 */
export async function verifyMountPoint(mountPoint: string): Promise<void> {
  const entries = await readdir(mountPoint).catch((cause: unknown) => {
    throw new InitializerError("MOUNT_POINT_ABSENT", `there is no directory at ${mountPoint} to mount the volume on`, {
      cause,
    })
  })
  if (entries.length === 0) return
  throw new InitializerError(
    "MOUNT_POINT_BUSY",
    `${mountPoint} is not empty, and a mount would hide what is there; mount the volume on an empty directory`,
  )
}

/** @throws {@link InitializerError} `VOLUME_DAMAGED` if the file system is not whole, `MOUNT_FAILED` or `PROGRAM_…`. */
export function mountVolume(mapping: string, mountPoint: string): void {
  const call = mountCall("mount", "--types", "ext4", mapping, mountPoint)
  const result = runProgram(call)
  if (result.exitCode === 0) return
  const cause = failureOf(call, result)
  if (saysDamage(result.stderr)) {
    throw new InitializerError(
      "VOLUME_DAMAGED",
      "the volume's file system is not as it was written; restore the device from a backup",
      { cause },
    )
  }
  throw new InitializerError(
    "MOUNT_FAILED",
    "the volume is in order as far as was seen, but the kernel did not mount it; the guest's kernel must have ext4",
    { cause },
  )
}

/** Whether what mount(8) said is about what stands on the volume, and not about its surroundings. Pure. */
export function saysDamage(said: string): boolean {
  return DAMAGE.test(said)
}

/**
 * Takes the file system off its mount point; gives the error that says so if somebody still uses it.
 *
 * @throws {@link InitializerError} `PROGRAM_…`.
 */
export function tryUnmount(mountPoint: string): InitializerError | undefined {
  const call = mountCall("umount", mountPoint)
  const result = runProgram(call)
  if (result.exitCode === 0) return undefined
  const failure = failureOf(call, result)
  if (result.stderr.includes("busy")) return failure // umount(8) has one exit code for all that the kernel refuses
  throw failure
}

function mountCall(file: "mount" | "umount", ...args: readonly string[]): ProgramCall {
  return { file, arguments: args, timeoutMs: MOUNT_TIMEOUT_MS, advice: "the container must be privileged" }
}
