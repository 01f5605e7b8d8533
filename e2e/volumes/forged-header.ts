/** Changes of a LUKS2 header as an attacker makes them: both copies alike, with checksums that hold. */
import { createHash } from "node:crypto"

const COPY_BYTES = 16 * 1024
const BINARY_BYTES = 4096
const CHECKSUM_OFFSET = 448
const CHECKSUM_BYTES = 64

/** So much of a device is its header and the one key slot that it uses. */
export const HEADER_BYTES = 1024 * 1024

/** What a change makes of the part of the metadata that it is about; nothing takes the part away. */
export type Change = (former: JsonObject) => unknown

export type JsonObject = Readonly<Record<string, unknown>>

/** A part of the metadata by its path, for example `segments.0.encryption`, and what becomes of it. */
export type Edit = readonly [path: string, change: Change]

/** The header with parts of its metadata changed. */
export function forgeMetadata(header: Buffer, ...edits: readonly Edit[]): Buffer {
  const forged = Buffer.from(header)
  for (const offset of [0, COPY_BYTES]) {
    const copy = forged.subarray(offset, offset + COPY_BYTES)
    const area = copy.subarray(BINARY_BYTES)
    const metadata = area.toString("utf8", 0, area.indexOf(0))
    area.fill(0)
    area.write(JSON.stringify(edited(JSON.parse(metadata) as JsonObject, edits)), "utf8") // cryptsetup wrote an object
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

function edited(metadata: JsonObject, edits: readonly Edit[]): JsonObject {
  return edits.reduce((former, [path, change]) => withChange(former, path.split("."), change), metadata)
}

function withChange(value: JsonObject, [name = "", ...rest]: readonly string[], change: Change): JsonObject {
  if (!(name in value)) throw new Error(`expected ${name} in ${JSON.stringify(value)}`)
  const member = value[name] as JsonObject // the caller knows the path
  return { ...value, [name]: rest.length === 0 ? change(member) : withChange(member, rest, change) }
}
