import { afterEach, beforeEach, expect, test } from "@jest/globals"
import { mkdtemp, mkdir, readdir, rm, stat, writeFile } from "node:fs/promises"
import path from "node:path"
import { headerFolder, readHeaderFile, withHeaderFile } from "../src/header-file.ts"
import { HEADER_AREA_BYTES, HEADER_BYTES } from "../src/luks.ts"
import { codeOfAsync } from "./support/code-of.ts"

const HEADER = new Uint8Array(HEADER_BYTES).fill(7)

let memory: string

beforeEach(async () => {
  memory = await mkdtemp("/dev/shm/header-file-")
})

afterEach(async () => {
  await rm(memory, { recursive: true })
})

test("keeps a header in a file of the size of its area, for nobody else to read, as long as it is used", async () => {
  const folder = path.join(memory, "volume")

  await withHeaderFile(folder, HEADER, async (file) => {
    const { size, mode } = await stat(file)
    expect({ size, mode: mode & 0o777 }).toStrictEqual({ size: HEADER_AREA_BYTES, mode: 0o600 })
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect(await readHeaderFile(file)).toStrictEqual(HEADER)
  })

  expect(await readdir(folder)).toStrictEqual([])
})

test("removes what a killed start left of this volume, and nothing of another one", async () => {
  const [ours, others] = [path.join(memory, "ours"), path.join(memory, "others")]
  for (const folder of [ours, others]) {
    await mkdir(folder)
    await writeFile(path.join(folder, "luks-header-00000000"), HEADER)
  }

  const during = await withHeaderFile(ours, undefined, () => readdir(ours))

  expect(during).toHaveLength(1)
  expect(during).not.toContain("luks-header-00000000")
  expect(await readdir(others)).toStrictEqual(["luks-header-00000000"])
})

test("gives each volume a folder of its own", () => {
  expect(headerFolder("0123456789abcdef")).toBe("/dev/shm/contrast-cryptsetup/0123456789abcdef")
})

test("refuses a folder that is not kept in memory", async () => {
  expect(await codeOfAsync(() => withHeaderFile("/proc/self", HEADER, () => Promise.resolve()))).toBe("MEMORY_STORAGE")
})
