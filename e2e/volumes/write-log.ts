/**
 * What a machine wrote to a disk and when it asked for it to be made durable, as qemu's driver blklogwrites notes it (the
 * format of the kernel's dm-log-writes). From it follows every state in which a power failure may leave the disk.
 */
import { readFile } from "node:fs/promises"

/** One write, at its offset on the disk. */
export interface LoggedWrite {
  readonly offset: number
  readonly bytes: Uint8Array
}

const MAGIC = 0x6a736677736872n
const SECTOR_SIZE_OFFSET = 24
const FLUSH = 1
const DISCARD = 4

/** The writes between two flushes, in order; the disk may have carried out any of them when the power fails there. */
export type Epoch = readonly LoggedWrite[]

/** Reads a log as far as it goes. An entry is a sector of its own, and then the data. */
export async function readWriteLog(file: string): Promise<readonly Epoch[]> {
  const log = await readFile(file)
  if (log.readBigUInt64LE(0) !== MAGIC) throw new Error(`expected a log of writes in ${file}`)
  const sectorBytes = log.readUInt32LE(SECTOR_SIZE_OFFSET)
  const epochs: LoggedWrite[][] = [[]]
  for (let next = sectorBytes; next + sectorBytes <= log.length;) {
    const [sector = 0, sectors = 0, flags = 0] = [0, 8, 16].map((field) => Number(log.readBigUInt64LE(next + field)))
    if (flags & DISCARD) throw new Error("expected a machine that discards nothing")
    if (flags & FLUSH) epochs.push([])
    const bytes = log.subarray(next + sectorBytes, next + (1 + sectors) * sectorBytes)
    if (bytes.length > 0) epochs.at(-1)?.push({ offset: sector * sectorBytes, bytes })
    next += sectorBytes + bytes.length
  }
  return epochs
}

/**
 * States of the disk after a power failure: at each flush with all that came before it, and with only the first or
 * the last of the writes that came after it, as a disk may have it that reorders what was not flushed.
 */
export function* statesAfterPowerFailure(epochs: readonly Epoch[]): Generator<readonly LoggedWrite[]> {
  let durable: readonly LoggedWrite[] = []
  for (const epoch of epochs) {
    if (epoch.length > 1) for (const end of [epoch.slice(0, 1), epoch.slice(-1)]) yield [...durable, ...end]
    durable = [...durable, ...epoch]
    if (epoch.length > 0) yield durable
  }
}
