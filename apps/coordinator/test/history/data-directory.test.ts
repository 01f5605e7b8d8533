import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { lstat, mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "@jest/globals"
import { openDataDirectory } from "../../src/history/data-directory.ts"

/** The lock is the kernel's, between processes, so another process has to ask for it. */
const HOLDER = `
  const { lockDirectory } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/history/directory-lock.ts"))})
  globalThis.lock = lockDirectory(process.argv[1])
  console.log("locked")
  setInterval(() => {}, 1000)
`

let directory: string
let holder: ChildProcess | undefined

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "coordinator-"))
})

afterEach(async () => {
  holder?.kill("SIGKILL")
  await rm(directory, { recursive: true })
})

test("gives a directory to one owner at a time", async () => {
  const data = await openDataDirectory(directory, stop)

  await expect(openDataDirectory(directory, stop)).rejects.toMatchObject({ code: "DIRECTORY_IN_USE" })

  data.close()
  const next = await openDataDirectory(directory, stop)
  next.close()
})

test("refuses a directory that another process holds, and takes it as soon as that is killed", async () => {
  const other = await hold(join(directory, "lock"))

  await expect(openDataDirectory(directory, stop)).rejects.toMatchObject({
    code: "DIRECTORY_IN_USE",
    message: "another Coordinator owns this data directory",
  })

  other.kill("SIGKILL")
  await once(other, "exit")
  const data = await openDataDirectory(directory, stop)
  data.close()
})

test("makes the directory, but not its parents", async () => {
  const data = await openDataDirectory(join(directory, "new"), stop)
  data.close()

  await expect(openDataDirectory(join(directory, "a/b"), stop)).rejects.toMatchObject({ code: "STORE" })
})

test("removes what lies in the place of the lock and is none", async () => {
  await writeFile(join(directory, "lock"), "SQLite format 3\0, or what an attacker made of it")
  await writeFile(join(directory, "lock-journal"), "roll this back")

  const data = await openDataDirectory(directory, stop)

  expect((await stat(join(directory, "lock"))).size).toBe(0)
  expect((await readdir(directory)).sort()).toEqual(["history", "lock"])
  await expect(openDataDirectory(directory, stop)).rejects.toMatchObject({ code: "DIRECTORY_IN_USE" })
  data.close()
})

test("follows no link in the place of the lock", async () => {
  const elsewhere = join(directory, "elsewhere")
  await writeFile(elsewhere, "")
  await symlink(elsewhere, join(directory, "lock"))

  const data = await openDataDirectory(directory, stop)

  expect((await lstat(join(directory, "lock"))).isFile()).toBe(true)
  data.close()
})

async function hold(path: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", HOLDER, path], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  holder = child
  await once(child.stdout, "data")
  return child
}

function stop(error: Error): never {
  throw error
}
