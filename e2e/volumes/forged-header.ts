/** Changes of a LUKS2 header as an attacker makes them: both copies alike, with checksums that hold. */
import { createHash } from "node:crypto"

const COPY_BYTES = 16 * 1024
const BINARY_BYTES = 4096
const CHECKSUM_OFFSET = 448
const CHECKSUM_BYTES = 64

/** So much of a device is its header and the one key slot that it uses. */
export const HEADER_BYTES = 1024 * 1024

/** The header with one text of its metadata replaced by another. */
export function forgeMetadata(header: Buffer, from: string, to: string): Buffer {
  const forged = Buffer.from(header)
  for (const offset of [0, COPY_BYTES]) {
    const copy = forged.subarray(offset, offset + COPY_BYTES)
    const area = copy.subarray(BINARY_BYTES)
    const metadata = area.toString("utf8", 0, area.indexOf(0))
    if (!metadata.includes(from)) throw new Error(`expected ${from} in ${metadata}`)
    area.fill(0)
    area.write(metadata.replace(from, to), "utf8")
    copy.fill(0, CHECKSUM_OFFSET, CHECKSUM_OFFSET + CHECKSUM_BYTES)
    copy.set(createHash("sha256").update(copy).digest(), CHECKSUM_OFFSET)
  }
  return forged
}

/** The number that a member of the metadata has. */
export function numberIn(header: Buffer, member: string): number {
  const metadata = header.toString("latin1", BINARY_BYTES, COPY_BYTES)
  return Number(new RegExp(`"${member}":(\\d+)`).exec(metadata)?.[1])
}
