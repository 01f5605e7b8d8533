import { expect, test } from "@jest/globals"
import { findMounted } from "../src/mount-table.ts"

const TABLE = `22 1 0:2 / / rw - rootfs rootfs rw
30 22 0:25 / /state rw,relatime shared:5 - tmpfs tmpfs rw
31 30 253:1 / /state rw,relatime shared:6 - ext4 /dev/mapper/abc rw
32 22 253:2 / /with\\040space rw - ext4 /dev/mapper/def rw
`

test("finds what is mounted on top at a path", () => {
  expect(findMounted(TABLE, "/state")).toBe("253:1")
})

test("finds a mount point with a space in its name", () => {
  expect(findMounted(TABLE, "/with space")).toBe("253:2")
})

test("finds nothing where nothing is mounted, and nothing in an empty table", () => {
  expect(findMounted(TABLE, "/other")).toBeUndefined()
  expect(findMounted("", "/state")).toBeUndefined()
})
