/** Turns an untrusted block device into trusted storage at a mount point: makes the volume once, opens it ever after. */
import { probeDevice } from "./blkid.ts"
import { findHolders, inspectDevice } from "./block-device.ts"
import { whenFree } from "./busy.ts"
import { openLuks, tryClose } from "./cryptsetup.ts"
import { InitializerError } from "./error.ts"
import { verifyExt4 } from "./ext4.ts"
import { headerFolder, withHeaderFile } from "./header-file.ts"
import { releaseLeftovers } from "./leftovers.ts"
import type { Log } from "./log.ts"
import { verifyHeader } from "./luks-header.ts"
import { mappingName } from "./luks.ts"
import { mountVolume, readMounted, tryUnmount, verifyMountPoint } from "./mount.ts"
import { makeVolume } from "./volume-making.ts"

/** Whether an empty device may be made into a volume. An empty device can also be a volume that somebody took away. */
export type FormatRule = "if-empty" | "never"

/** Where a volume lies and where it is mounted. */
export interface VolumePlace {
  readonly device: string
  /** An absolute path. Its text as given is a part of the mapping's name. */
  readonly mountPoint: string
  readonly log: Log
}

export interface VolumeOptions extends VolumePlace {
  /** The key, secret: what the file `workload-secret-seed` holds. */
  readonly key: Uint8Array
  readonly format: FormatRule
}

/** A volume on its way to its mount point. */
export interface Volume extends VolumeOptions {
  readonly mapping: string
}

/**
 * Mounts the volume on the device, which is made first if the device is empty.
 *
 * @throws {@link InitializerError} `DEVICE_…`, `VOLUME_…`, `MOUNT_POINT_…`, `MEMORY_STORAGE` or `PROGRAM_…`.
 */
export async function mountDevice(options: VolumeOptions): Promise<void> {
  const { device, mountPoint, log } = options
  const volume: Volume = { ...options, mapping: mappingName(device, mountPoint) }
  if (await isStillMounted(volume)) {
    log.info("volume was already mounted by an earlier start", { device, mountPoint })
    return
  }
  await verifyMountPoint(mountPoint)
  await releaseLeftovers(volume)
  try {
    mountVolume(await openOrMake(volume), mountPoint)
  } catch (error) {
    // Whatever was opened is closed again; the first error is the one that tells.
    await releaseLeftovers(volume).catch(() => undefined)
    throw error
  }
  log.info("volume mounted", { device, mountPoint })
}

/**
 * Takes a volume off its mount point, if it is still there, and closes it, waiting for those who use it.
 *
 * @throws {@link InitializerError} `VOLUME_BUSY` or `PROGRAM_…`.
 */
export async function unmountDevice(place: VolumePlace): Promise<void> {
  const { device, mountPoint, log } = place
  const mapping = mappingName(device, mountPoint)
  await whenFree(`the volume at ${mountPoint}`, async () => {
    const inUse = (await isStillMounted(place)) ? tryUnmount(mountPoint) : undefined
    return inUse ?? tryClose(mapping)
  })
  log.info("volume unmounted and closed", { device, mountPoint })
}

/** Whether an earlier start of this program, which was killed, left the volume mounted. */
export async function isStillMounted({ device, mountPoint }: VolumePlace): Promise<boolean> {
  const mounted = await readMounted(mountPoint)
  if (mounted === undefined) return false
  const holder = (await findHolders(device)).find(({ name }) => name === mappingName(device, mountPoint))
  return holder?.number === mounted
}

async function openOrMake(volume: Volume): Promise<string> {
  const { device, log } = volume
  const content = await inspectDevice(device)
  switch (content.kind) {
    case "volume":
      return openVolume(volume, content.header)
    case "occupied":
      return refuseOccupied(device, content.by)
    case "unfinished":
      log.warn("making the volume was interrupted before; starting over", { device })
      return makeVolume(volume)
    case "empty": {
      const found = probeDevice(device)
      return found === undefined ? makeVolume(volume) : refuseOccupied(device, found)
    }
  }
}

function refuseOccupied(device: string, by: string): never {
  throw new InitializerError(
    "DEVICE_NOT_EMPTY",
    `${device} holds ${by}; only an empty device is made into a volume, so clear all of it first, start and end, if it is the right one`,
  )
}

async function openVolume(volume: Volume, header: Uint8Array): Promise<string> {
  verifyHeader(header)
  const opened = await withHeaderFile(headerFolder(volume.mapping), header, (headerFile) =>
    openLuks({ ...volume, headerFile }),
  )
  volume.log.info("volume opened", { device: volume.device })
  await verifyExt4(opened)
  return opened
}
