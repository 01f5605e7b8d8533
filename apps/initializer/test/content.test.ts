import { describe, expect, test } from "@jest/globals"
import { classifyContent, UNFINISHED_MARK } from "../src/content.ts"
import { INSPECTED_END_BYTES, INSPECTED_START_BYTES } from "../src/signature.ts"
import { luksHeader } from "./support/luks-sample.ts"

const zeros = () => new Uint8Array(INSPECTED_START_BYTES)
const end = () => new Uint8Array(INSPECTED_END_BYTES)

function startWith(offset: number, bytes: string): Uint8Array {
  const start = zeros()
  start.set(Buffer.from(bytes, "latin1"), offset)
  return start
}

test("takes a device for empty only when its first MiB is zero", () => {
  expect(classifyContent(zeros(), end())).toStrictEqual({ kind: "empty" })
  expect(classifyContent(zeros().fill(1, INSPECTED_START_BYTES - 1), end())).toStrictEqual({
    kind: "occupied",
    by: "data of an unknown kind",
  })
})

test("copies the header of a volume, so that later writes cannot change it", () => {
  const start = zeros()
  start.set(luksHeader())

  const content = classifyContent(start, end())
  start.fill(0)

  expect(content).toStrictEqual({ kind: "volume", header: luksHeader() })
})

test("recognises an interrupted format by its mark, whatever else is there", () => {
  const start = zeros().fill(7)
  start.set(UNFINISHED_MARK)

  expect(classifyContent(start, end())).toStrictEqual({ kind: "unfinished" })
})

test.each([1, 511, 4095])("does not take a mark with a changed byte %d for its own", (offset) => {
  const start = zeros()
  start.set(UNFINISHED_MARK)
  start[offset] = (start[offset] ?? 0) ^ 1

  expect(classifyContent(start, end())).toMatchObject({ kind: "occupied" })
})

describe("names what a device holds", () => {
  test.each([
    ["a damaged LUKS volume", 0x4000, "SKUL\xba\xbe"],
    ["a damaged LUKS volume", 0x80000, "SKUL\xba\xbe"],
    ["a GPT partition table", 512, "EFI PART"],
    ["a DOS partition table", 510, "\x55\xaa"],
    ["a BitLocker volume", 3, "-FVE-FS-"],
    ["an integrity volume", 0, "integrt\0"],
    ["an LVM physical volume", 512, "LABELONE"],
    ["a RAID member", 4096, "\xfc\x4e\x2b\xa9"],
    ["an XFS file system", 0, "XFSB"],
    ["an NTFS file system", 3, "NTFS    "],
    ["a FAT file system", 82, "FAT32   "],
    ["an ext file system", 1080, "\x53\xef"],
    ["swap space", 4086, "SWAPSPACE2"],
    ["a btrfs file system", 65_600, "_BHRfS_M"],
    ["an ISO 9660 file system", 32_769, "CD001"],
  ])("%s at byte %d", (by, offset, bytes) => {
    expect(classifyContent(startWith(offset, bytes), end())).toStrictEqual({ kind: "occupied", by })
  })

  test.each([
    ["a GPT partition table", 512, "EFI PART"],
    ["a RAID member", 8192, "\xfc\x4e\x2b\xa9"],
    ["a RAID member", 65_536, "\xfc\x4e\x2b\xa9"],
    ["a ZFS member", 131_072, "\x0c\xb1\xba\0\0\0\0\0"],
  ])("%s that shows only %d bytes before its end", (by, offset, bytes) => {
    const last = end()
    last.set(Buffer.from(bytes, "latin1"), last.length - offset)

    expect(classifyContent(zeros(), last)).toStrictEqual({ kind: "occupied", by })
  })
})
