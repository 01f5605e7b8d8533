/** Mounts an opened volume and takes it off again. */
import { readFile, readdir } from "node:fs/promises"
import { setTimeout as delay } from "node:timers/promises"
import { InitializerError } from "./error.ts"
import { findMounted } from "./mount-table.ts"
import { type ProgramCall, failureOf, requireProgram, runProgram } from "./program.ts"

const MOUNT_TIMEOUT_MS = 10 * 60_000
const BUSY_RETRY_MS = 500
const BUSY_LIMIT_MS = 20_000

/** The number of the device that is mounted at a path now, or `undefined`. */
export async function readMounted(mountPoint: string): Promise<string | undefined> {
  return findMounted(await readFile("/proc/self/mountinfo", "utf8"), mountPoint)
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

/** @throws {@link InitializerError} `VOLUME_DAMAGED` if the kernel refuses the file system, or `PROGRAM_…`. */
export function mountVolume(mapping: string, mountPoint: string): void {
  const call = mountCall("mount", "--types", "ext4", mapping, mountPoint)
  const result = runProgram(call)
  if (result.exitCode !== 0) {
    throw new InitializerError("VOLUME_DAMAGED", "the kernel did not take the volume's file system", {
      cause: failureOf(call, result),
    })
  }
}

/**
 * Takes the file system off its mount point, waiting for those who still use it.
 *
 * @throws {@link InitializerError} `VOLUME_BUSY` if somebody still does in the end.
 */
export async function unmountVolume(mountPoint: string): Promise<void> {
  const call = mountCall("umount", mountPoint)
  for (let waitedMs = 0; waitedMs < BUSY_LIMIT_MS; waitedMs += BUSY_RETRY_MS) {
    const { exitCode } = runProgram(call)
    if (exitCode === 0) return
    await delay(BUSY_RETRY_MS)
  }
  try {
    requireProgram(call)
  } catch (cause) {
    throw new InitializerError("VOLUME_BUSY", `the volume at ${mountPoint} is still in use; it stays mounted`, {
      cause,
    })
  }
}

function mountCall(file: "mount" | "umount", ...args: readonly string[]): ProgramCall {
  return { file, arguments: args, timeoutMs: MOUNT_TIMEOUT_MS }
}
