/** Makes a volume on an empty device, so that an interruption at any point does no harm. */
import { type Write, writeDurably } from "./block-device.ts"
import { FIRST_BLOCK_BYTES, UNFINISHED_MARK } from "./content.ts"
import { formatLuks, openLuks } from "./cryptsetup.ts"
import { InitializerError } from "./error.ts"
import { makeExt4 } from "./ext4.ts"
import { headerFolder, readHeaderFile, withHeaderFile } from "./header-file.ts"
import { verifyHeader } from "./luks-header.ts"
import { HEADER_COPY_BYTES } from "./luks.ts"
import type { Volume } from "./volume.ts"

/**
 * Makes a volume and leaves it open; returns the path of its mapping.
 *
 * From the first write on, the device holds either the mark or the finished volume: the header, without which nothing
 * else on the device counts, is kept in memory until all the rest is on the disk.
 *
 * @throws {@link InitializerError} `DEVICE_EMPTY` if an empty device is not to be used, `DEVICE_BUSY` or `PROGRAM_…`.
 */
export async function makeVolume(volume: Volume): Promise<string> {
  const { device, format, log } = volume
  if (format === "never") {
    throw new InitializerError(
      "DEVICE_EMPTY",
      `${device} holds no volume, and the configuration says that it must: it was replaced or cleared, or this is its first start`,
    )
  }
  log.info("device is empty; making a volume on it", { device })
  await writeDurably(device, [{ offset: 0, bytes: UNFINISHED_MARK }], "exclusive")
  return withHeaderFile(headerFolder(volume.mapping), undefined, (headerFile) => makeBehindMark(volume, headerFile))
}

async function makeBehindMark(volume: Volume, headerFile: string): Promise<string> {
  await formatLuks({ ...volume, headerFile })
  const header = await readHeaderFile(headerFile)
  verifyHeader(header)
  const opened = await openLuks({ ...volume, headerFile })
  await makeExt4(opened)
  await commitHeader(volume.device, header)
  volume.log.info("volume made", { device: volume.device })
  return opened
}

/** The first block comes last: it replaces the mark, and is written whole or not at all. */
async function commitHeader(device: string, header: Uint8Array): Promise<void> {
  const part = (offset: number, end?: number): Write => ({ offset, bytes: header.subarray(offset, end) })
  const keySlots = part(2 * HEADER_COPY_BYTES)
  const secondCopy = part(HEADER_COPY_BYTES, 2 * HEADER_COPY_BYTES)
  const metadata = part(FIRST_BLOCK_BYTES, HEADER_COPY_BYTES)
  const firstBlock = part(0, FIRST_BLOCK_BYTES)
  await writeDurably(device, [keySlots, secondCopy, metadata, firstBlock], "shared")
}
