import { expect, test } from "@jest/globals"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { parseBackupBlocks, verifyExt4 } from "../src/ext4.ts"
import { codeOfAsync } from "./support/code-of.ts"

const PLAN = `Creating filesystem with 253985 4k blocks and 63616 inodes
Filesystem UUID: a3887266-3201-46a4-9c72-69d059f107ed
Superblock backups stored on blocks: \n\t32768, 98304, 163840, \n\t229376

`

test("reads the superblock backups from the plan of mkfs, also over several lines", () => {
  expect(parseBackupBlocks(PLAN)).toStrictEqual([32_768, 98_304, 163_840, 229_376])
})

test("finds no backups in the plan of a small file system", () => {
  expect(parseBackupBlocks("Creating filesystem with 8000 4k blocks and 8000 inodes\n\n")).toStrictEqual([])
})

test("does not take a volume for damaged that cannot even be opened", async () => {
  expect(await codeOfAsync(() => verifyExt4("/dev/mapper/absent"))).toBe("DEVICE_ACCESS")
})

test.each([
  ["ends before its first block", 512, "VOLUME_DAMAGED"],
  ["holds no file system", 8192, "VOLUME_INCOMPLETE"],
])("refuses a volume that %s", async (_name, bytes, code) => {
  const folder = await mkdtemp(path.join(tmpdir(), "ext4-"))
  try {
    const file = path.join(folder, "volume")
    await writeFile(file, new Uint8Array(bytes))

    expect(await codeOfAsync(() => verifyExt4(file))).toBe(code)
  } finally {
    await rm(folder, { recursive: true })
  }
})
