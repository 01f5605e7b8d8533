import { afterEach, beforeEach, expect, test } from "@jest/globals"
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { readMounted, saysDamage } from "../src/mount.ts"

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "mount-"))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

test.each([
  ["mount: /state: can't read superblock on /dev/mapper/ab.", true],
  [
    "mount: /state: wrong fs type, bad option, bad superblock on /dev/mapper/ab, missing codepage or helper program, or other error.",
    true,
  ],
  ["mount: /state: mount(2) system call failed: Structure needs cleaning.", true],
  ["mount: /state: mount(2) system call failed: Bad message.", true],
  ["mount: /state: unknown filesystem type 'ext4'.", false],
  ["mount: /state: permission denied.", false],
  ["mount: /state: must be superuser to use mount.", false],
  ["mount: /state: special device /dev/mapper/ab does not exist.", false],
  ["mount: /state: mount(2) system call failed: No space left on device.", false],
  ["", false],
])("tells damage from other reasons not to mount: %s", (said, isDamage) => {
  expect(saysDamage(said)).toBe(isDamage)
})

test("finds what is mounted at a path however the path is written", async () => {
  const mounted = await readMounted("/proc")
  await mkdir(path.join(folder, "inner"))
  await symlink("/proc", path.join(folder, "link"))

  expect(mounted).toMatch(/^\d+:\d+$/)
  expect(await readMounted("/proc/")).toBe(mounted)
  expect(await readMounted("/tmp/..//proc/.")).toBe(mounted)
  expect(await readMounted(path.join(folder, "link"))).toBe(mounted)
  expect(await readMounted(path.join(folder, "inner"))).toBeUndefined()
  expect(await readMounted(path.join(folder, "absent"))).toBeUndefined()
})
