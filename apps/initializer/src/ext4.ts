/** Makes and recognises the ext4 file system inside an opened volume. */
import { constants } from "node:fs"
import { readFully, withDevice } from "./block-device.ts"
import { findCode, InitializerError } from "./error.ts"
import { type ProgramCall, requireProgram } from "./program.ts"

const BLOCK_BYTES = 4096
const MAGIC_OFFSET = 1080
const MAGIC_LOW = 0x53
const MAGIC_HIGH = 0xef
/** How a block shows that carries no valid integrity tag, and a volume that ends before it. */
const UNREADABLE = ["EIO", "EILSEQ", "VOLUME_DAMAGED"]
const MAKE_TIMEOUT_MS = 30 * 60_000

/**
 * Makes an empty file system and waits until it is on the disk.
 *
 * The blocks of a new volume carry no valid integrity tag yet, so they cannot be read. mkfs writes a superblock as a
 * part of its block, for which the kernel reads the rest first; therefore these blocks are written as zeros before.
 *
 * @throws {@link InitializerError} `PROGRAM_…`.
 */
export async function makeExt4(mapping: string): Promise<void> {
  const plan = requireProgram(mkfs("-b", String(BLOCK_BYTES), "-F", "-n", mapping))
  await withDevice(mapping, constants.O_RDWR, async (handle) => {
    for (const block of [0, ...parseBackupBlocks(plan.stdout)]) {
      await handle.write(new Uint8Array(BLOCK_BYTES), 0, BLOCK_BYTES, block * BLOCK_BYTES)
    }
    await handle.sync()
  })
  requireProgram(mkfs("-q", "-b", String(BLOCK_BYTES), mapping))
  await withDevice(mapping, constants.O_RDWR, (handle) => handle.sync())
}

/**
 * Checks that an opened volume holds ext4. It is never made a second time here: a volume with a header has one, and
 * what cannot be read may still be somebody's data.
 *
 * @throws {@link InitializerError} `VOLUME_DAMAGED`, `VOLUME_INCOMPLETE`, or `DEVICE_…` if it cannot be opened.
 */
export async function verifyExt4(mapping: string): Promise<void> {
  const [low, high] = await withDevice(mapping, constants.O_RDONLY, (handle) =>
    readFully(handle, MAGIC_OFFSET, 2),
  ).catch((cause: unknown) => {
    if (!UNREADABLE.includes(findCode(cause) ?? "")) throw cause
    throw new InitializerError(
      "VOLUME_DAMAGED",
      "the volume's first block is not what was written there: it was changed or rolled back, or never written at all; " +
        "restore the device from a backup, or clear its first MiB if it never held data",
      { cause },
    )
  })
  if (low === MAGIC_LOW && high === MAGIC_HIGH) return
  throw new InitializerError(
    "VOLUME_INCOMPLETE",
    "the volume holds no ext4 file system, so making it was interrupted by a program that does not mark this; " +
      "clear the device's first MiB to have it made anew if it never held data",
  )
}

/** Reads the block numbers that mkfs prints as "Superblock backups stored on blocks:"; a small file system has none. */
export function parseBackupBlocks(plan: string): readonly number[] {
  const list = /^Superblock backups stored on blocks:([\d,\s]*)/m.exec(plan)?.[1] ?? ""
  return [...list.matchAll(/\d+/g)].map(([block]) => Number(block))
}

function mkfs(...args: readonly string[]): ProgramCall {
  const advice = "the device under the volume must be writable and large enough"
  return { file: "mkfs.ext4", arguments: args, timeoutMs: MAKE_TIMEOUT_MS, advice }
}
