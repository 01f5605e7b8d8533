import { expect, test } from "@jest/globals"
import { parseBackupBlocks } from "../src/ext4.ts"

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
