/** What the first and last bytes of a block device say about its content. Pure. */
import { encodeUtf8, equalBytes } from "@contrast/crypto/bytes"

interface Signature {
  readonly name: string
  readonly offset: number
  readonly bytes: Uint8Array
}

/** So much of a device's start has to be zero before it counts as empty. */
export const INSPECTED_START_BYTES: number = 1024 * 1024
/** So much of its end is searched for formats that keep their mark there. */
export const INSPECTED_END_BYTES: number = 1024 * 1024

const PRIMARY_LUKS = Uint8Array.of(0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe) // "LUKS" ba be
const SECONDARY_LUKS = Uint8Array.of(0x53, 0x4b, 0x55, 0x4c, 0xba, 0xbe)
const RAID = Uint8Array.of(0xfc, 0x4e, 0x2b, 0xa9)
const GPT = encodeUtf8("EFI PART")

/** Most telling first: a file system inside a partition table's first bytes is still a partition table. */
const atStart: readonly Signature[] = [
  at("a LUKS volume", 0, PRIMARY_LUKS),
  ...[0x4000, 0x8000, 0x10000, 0x20000, 0x40000, 0x80000].map((offset) =>
    at("a damaged LUKS volume", offset, SECONDARY_LUKS),
  ),
  at("a GPT partition table", 512, GPT),
  at("a GPT partition table", 4096, GPT),
  at("an Apple partition map", 0, "ER"),
  at("a BitLocker volume", 3, "-FVE-FS-"),
  at("an integrity volume", 0, "integrt\0"),
  at("a dm-verity hash tree", 0, "verity\0\0"),
  at("an LVM physical volume", 512, "LABELONE"),
  at("a RAID member", 0, RAID),
  at("a RAID member", 4096, RAID),
  at("a Stratis member", 512, "!Stra0tis"),
  at("a VDO volume", 0, "dmvdo001"),
  at("a bcache device", 4096 + 24, Uint8Array.of(0xc6, 0x85, 0x73, 0xf6, 0x4e, 0x1a, 0x45, 0xca)),
  at("a Ceph device", 0, "bluestore block device"),
  at("an XFS file system", 0, "XFSB"),
  at("an NTFS file system", 3, "NTFS    "),
  at("an exFAT file system", 3, "EXFAT   "),
  at("a FAT file system", 54, "FAT1"),
  at("a FAT file system", 82, "FAT32"),
  at("a SquashFS file system", 0, "hsqs"),
  at("an APFS container", 32, "NXSB"),
  at("an HFS+ file system", 1024, "H+"),
  at("an F2FS file system", 1024, Uint8Array.of(0x10, 0x20, 0xf5, 0xf2)),
  at("an EROFS file system", 1024, Uint8Array.of(0xe2, 0xe1, 0xf5, 0xe0)),
  at("an ext file system", 1024 + 56, Uint8Array.of(0x53, 0xef)),
  at("swap space", 4096 - 10, "SWAPSPACE2"),
  at("a JFS file system", 0x8000, "JFS1"),
  at("an ISO 9660 file system", 0x8001, "CD001"),
  at("a UDF file system", 0x8001, "BEA01"),
  at("a btrfs file system", 0x10000 + 64, "_BHRfS_M"),
  at("a ReiserFS file system", 0x10000 + 52, "ReIsEr"),
  at("a GFS2 file system", 0x10000, Uint8Array.of(0x01, 0x16, 0x19, 0x70)),
  at("a ZFS member", 0x20000, Uint8Array.of(0x0c, 0xb1, 0xba, 0, 0, 0, 0, 0)),
  at("a DOS partition table", 510, Uint8Array.of(0x55, 0xaa)),
]

/** Offsets count back from the end of the device. */
const atEnd: readonly Signature[] = [
  at("a GPT partition table", 512, GPT),
  at("a GPT partition table", 4096, GPT),
  // Version 1.0 lies 8 to 12 KiB before the end on a boundary of 4 KiB, version 0.90 64 to 128 KiB on one of 64 KiB.
  at("a RAID member", 8 * 1024, RAID),
  at("a RAID member", 12 * 1024, RAID),
  ...[64, 68, 72, 76, 80, 84, 88, 92, 96, 100, 104, 108, 112, 116, 120, 124].map((kib) =>
    at("a RAID member", kib * 1024, RAID),
  ),
]

/** ZFS keeps two of its four labels in the last 512 KiB; each holds its ring of uberblocks in its upper half. */
const zfsEnd = at("a ZFS member", 0, Uint8Array.of(0x0c, 0xb1, 0xba, 0, 0, 0, 0, 0))
const ZFS_STEP_BYTES = 1024

/** Names what a device holds that has this start and end, or `undefined` when nothing is known of it. */
export function findSignature(start: Uint8Array, end: Uint8Array): string | undefined {
  return (
    atStart.find((signature) => holds(start, signature.offset, signature))?.name ??
    atEnd.find((signature) => holds(end, end.length - signature.offset, signature))?.name ??
    findZfsLabel(end)
  )
}

export function isLuks(start: Uint8Array): boolean {
  return equalBytes(start.subarray(0, PRIMARY_LUKS.length), PRIMARY_LUKS)
}

function findZfsLabel(end: Uint8Array): string | undefined {
  for (let offset = 0; offset < end.length; offset += ZFS_STEP_BYTES) {
    if (holds(end, offset, zfsEnd)) return zfsEnd.name
  }
  return undefined
}

function holds(area: Uint8Array, offset: number, { bytes }: Signature): boolean {
  return offset >= 0 && equalBytes(area.subarray(offset, offset + bytes.length), bytes)
}

function at(name: string, offset: number, bytes: string | Uint8Array): Signature {
  return { name, offset, bytes: typeof bytes === "string" ? encodeUtf8(bytes) : bytes }
}
