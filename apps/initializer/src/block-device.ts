/** A raw block device: its size, its content, who holds it, and writes that last. The host can change it at any time. */
import { constants } from "node:fs"
import { type FileHandle, open, readFile, readdir, stat } from "node:fs/promises"
import path from "node:path"
import { type Content, classifyContent } from "./content.ts"
import { findCode, InitializerError } from "./error.ts"
import { MIN_DEVICE_BYTES } from "./luks.ts"
import { INSPECTED_END_BYTES, INSPECTED_START_BYTES } from "./signature.ts"

/** A device-mapper device that stands on another device. */
export interface Holder {
  readonly name: string
  /** As in mount tables, for example `253:0`. */
  readonly number: string
}

const SYSFS_SECTOR_BYTES = 512

/**
 * Reads what a block device holds. All is decided on bytes that are read once.
 *
 * @throws {@link InitializerError} `DEVICE_ABSENT`, `DEVICE_TYPE` or `DEVICE_TOO_SMALL`.
 */
export async function inspectDevice(device: string): Promise<Content> {
  const sizeBytes = await readDeviceSize(device)
  if (sizeBytes < MIN_DEVICE_BYTES) {
    throw new InitializerError(
      "DEVICE_TOO_SMALL",
      `${device} has ${sizeBytes} bytes; a volume needs at least ${MIN_DEVICE_BYTES}: ask for more storage`,
    )
  }
  return withDevice(device, constants.O_RDONLY, async (handle) => {
    const start = await readFully(handle, 0, INSPECTED_START_BYTES)
    const end = await readFully(handle, sizeBytes - INSPECTED_END_BYTES, INSPECTED_END_BYTES)
    return classifyContent(start, end)
  })
}

/**
 * Names the device-mapper devices on a device, each before the ones it stands on.
 *
 * @throws {@link InitializerError} `DEVICE_ABSENT` or `DEVICE_TYPE`.
 */
export async function findHolders(device: string): Promise<readonly Holder[]> {
  return holdersIn(path.join("/sys/dev/block", await readDeviceNumber(device), "holders"))
}

/** A device's number as in mount tables, for example `253:0`. */
async function readDeviceNumber(device: string): Promise<string> {
  const stats = await stat(device, { bigint: true }).catch((cause: unknown) => {
    throw new InitializerError("DEVICE_ABSENT", `there is no device at ${device}`, { cause })
  })
  if (!stats.isBlockDevice()) throw new InitializerError("DEVICE_TYPE", `${device} is not a block device`)
  const major = (stats.rdev >> 8n) & 0xfffn
  const minor = (stats.rdev & 0xffn) | ((stats.rdev >> 12n) & 0xfff00n)
  return `${major.toString()}:${minor.toString()}`
}

/** Bytes for a place on a device. */
export interface Write {
  readonly offset: number
  readonly bytes: Uint8Array
}

/** Overwrites blocks of a device, in the given order, each durable before the next. */
export async function writeDurably(
  device: string,
  writes: readonly Write[],
  access: "exclusive" | "shared",
): Promise<void> {
  // On a block device O_EXCL asks the kernel whether anyone else has it mounted or mapped.
  const flags = constants.O_RDWR | (access === "exclusive" ? constants.O_EXCL : 0)
  await withDevice(device, flags, async (handle) => {
    for (const { offset, bytes } of writes) {
      await writeFully(handle, offset, bytes)
      await handle.sync()
    }
  })
}

/** Runs `use` with an opened device. @throws {@link InitializerError} `DEVICE_BUSY` or `DEVICE_ACCESS`. */
export async function withDevice<Result>(
  device: string,
  flags: number,
  use: (handle: FileHandle) => Promise<Result>,
): Promise<Result> {
  const handle = await open(device, flags).catch((cause: unknown) => {
    if (findCode(cause) === "EBUSY") {
      throw new InitializerError("DEVICE_BUSY", `${device} is in use by something else`, { cause })
    }
    throw new InitializerError("DEVICE_ACCESS", `${device} cannot be opened; the container must be privileged`, {
      cause,
    })
  })
  try {
    return await use(handle)
  } finally {
    await handle.close()
  }
}

/** @throws {@link InitializerError} `VOLUME_DAMAGED` if the device ends early. */
export async function readFully(handle: FileHandle, offset: number, bytes: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(bytes)
  for (let done = 0; done < bytes;) {
    const { bytesRead } = await handle.read(buffer, done, bytes - done, offset + done)
    if (bytesRead === 0) throw new InitializerError("VOLUME_DAMAGED", "the device ended while it was read")
    done += bytesRead
  }
  return buffer
}

async function writeFully(handle: FileHandle, offset: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, offset + done)
    done += bytesWritten
  }
}

async function readDeviceSize(device: string): Promise<number> {
  const sectors = await readFile(path.join("/sys/dev/block", await readDeviceNumber(device), "size"), "utf8")
  return Number(sectors) * SYSFS_SECTOR_BYTES
}

async function holdersIn(folder: string): Promise<readonly Holder[]> {
  const found: Holder[] = []
  for (const entry of await readdir(folder)) {
    const block = path.join("/sys/class/block", entry)
    found.push(...(await holdersIn(path.join(block, "holders"))))
    // A holder without this file is no mapping; it is known by its kernel name.
    const name = await readLine(path.join(block, "dm/name")).catch(() => entry)
    found.push({ name, number: await readLine(path.join(block, "dev")) })
  }
  return found
}

async function readLine(file: string): Promise<string> {
  return (await readFile(file, "utf8")).trimEnd()
}
