import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, expect, test } from "@jest/globals"
import { SYSTEM_FILES } from "../src/tsm-files.ts"

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "tsm-"))
})
afterAll(() => rm(folder, { recursive: true }))

test("an attribute is read to its end though it claims to be empty, as those of the kernel do", async () => {
  const status = await SYSTEM_FILES.read("/proc/self/status", 1024 * 1024)

  expect(Buffer.from(status ?? []).toString()).toMatch(/^Name:/)
})

test("an answer over the limit is not taken, however long it goes on", async () => {
  expect(await SYSTEM_FILES.read("/dev/zero", 1024 * 1024)).toBeUndefined()
})

test("a large attribute is read whole", async () => {
  const bytes = new Uint8Array(200_000).fill(7)
  await writeFile(path.join(folder, "large"), bytes)

  const read = await SYSTEM_FILES.read(path.join(folder, "large"), bytes.length)

  expect(read?.length).toBe(bytes.length)
  expect(Buffer.isBuffer(read)).toBe(false)
})

test("bytes are written to what is there, and nothing is made", async () => {
  const place = path.join(folder, "inblob")
  await writeFile(place, "")
  await SYSTEM_FILES.write(place, Uint8Array.of(1, 2, 3))

  expect([...(await readFile(place))]).toEqual([1, 2, 3])
  await expect(SYSTEM_FILES.write(path.join(folder, "absent"), Uint8Array.of(1))).rejects.toMatchObject({
    code: "ENOENT",
  })
})

test("entries are made and removed, and existence is told", async () => {
  const entry = path.join(folder, "entry")
  await SYSTEM_FILES.makeDirectory(entry)
  expect(await SYSTEM_FILES.exists(entry)).toBe(true)
  await SYSTEM_FILES.removeDirectory(entry)
  expect(await SYSTEM_FILES.exists(entry)).toBe(false)

  await symlink("/nowhere", path.join(folder, "dangling"))
  expect(await SYSTEM_FILES.exists(path.join(folder, "dangling"))).toBe(false)
})
