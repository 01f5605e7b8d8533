import { execFile } from "node:child_process"
import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { afterEach, beforeEach, expect, test } from "@jest/globals"
import fc from "fast-check"
import { encodeHex, encodeUtf8, sha256 } from "@contrast/crypto"
import { FileStore } from "../../src/history/file-store.ts"
import { nodeFiles, type Files } from "../../src/history/files.ts"
import type { Commit, StoredObject } from "../../src/history/history-store.ts"
import { MemoryStore } from "../support/memory-store.ts"

let directory: string

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), "coordinator-")), "history")
})

afterEach(async () => {
  await rm(dirname(directory), { recursive: true })
})

test("reads back what was committed, before and after it is opened again", async () => {
  const manifest = objectOf("manifests", "a manifest")
  const store = await open()

  const outcome = await store.commit(commitOf({ objects: [manifest], latest: "one" }))

  expect(outcome).toBe("committed")
  for (const opened of [store, await open()]) {
    expect(await textOf(opened.latest())).toBe("one")
    expect(await textOf(opened.read("manifests", manifest.hash))).toBe("a manifest")
    expect(await opened.read("policies", manifest.hash)).toBeUndefined()
  }
})

test("keeps every file and directory to its owner", async () => {
  const store = await open()

  await store.commit(commitOf({ objects: [objectOf("policies", "a policy")], latest: "one" }))

  for (const path of await readdir(directory, { recursive: true })) {
    const { mode } = await stat(join(directory, path))
    expect((mode & 0o777).toString(8)).toBe(path.includes("/") ? "600" : "700")
  }
})

test("takes over a history that another release left readable to everyone", async () => {
  const { hash } = objectOf("manifests", "old")
  await mkdir(join(directory, "manifests"), { recursive: true, mode: 0o755 })
  await writeFile(join(directory, "manifests", hash), "old", { mode: 0o644 })

  const store = await open()

  expect(await textOf(store.read("manifests", hash))).toBe("old")
  expect((await stat(join(directory, "manifests", hash))).mode & 0o777).toBe(0o600)
  expect((await stat(join(directory, "manifests"))).mode & 0o777).toBe(0o700)
})

test("waits for nobody at a pipe in the place of a file", async () => {
  const store = await open()
  await promisify(execFile)("mkfifo", [join(directory, "transitions/latest")])

  await expect(store.latest()).rejects.toMatchObject({ code: "STORE" })
})

test("waits for nobody at a pipe in the place of a file to be written", async () => {
  const store = await open()
  await promisify(execFile)("mkfifo", [join(directory, "transitions/latest.tmp")])

  await expect(store.commit(commitOf({ latest: "new" }))).rejects.toMatchObject({ code: "STORE" })
  expect(await store.commit(commitOf({ latest: "new" }))).toBe("committed")
})

test("changes the mode of nothing that a link leads to", async () => {
  const elsewhere = join(dirname(directory), "elsewhere")
  await writeFile(elsewhere, "", { mode: 0o644 })
  await mkdir(join(directory, "policies"), { recursive: true, mode: 0o755 })
  await symlink(elsewhere, join(directory, "policies/link"))

  await expect(open()).rejects.toMatchObject({ code: "STORE" })

  expect((await stat(elsewhere)).mode & 0o777).toBe(0o644)
})

test("lets one of many concurrent commits from the same head through", async () => {
  const store = await open()
  const attempts = Array.from({ length: 20 }, (_, index) => commitOf({ latest: `set ${index}` }))

  const outcomes = await Promise.all(attempts.map((commit) => store.commit(commit)))

  expect(outcomes.filter((outcome) => outcome === "committed")).toHaveLength(1)
  expect(await textOf(store.latest())).toBe("set 0")
})

test("compares and swaps like a store in memory, whatever the order of commits", async () => {
  const heads = fc.constantFrom(undefined, "a", "b", "c")
  const commits = fc.array(fc.record({ expected: heads, latest: fc.constantFrom("a", "b", "c") }), { maxLength: 12 })
  let runs = 0
  await fc.assert(
    fc.asyncProperty(commits, async (steps) => {
      const store = await open(join(dirname(directory), `run-${++runs}`))
      const model = new MemoryStore()

      const play = (tested: FileStore | MemoryStore) =>
        Promise.all(steps.map(({ expected, latest }) => tested.commit(commitOf({ expected, latest }))))

      expect(await play(store)).toEqual(await play(model))
      expect(await textOf(store.latest())).toBe(await textOf(model.latest()))
    }),
    { numRuns: process.env["SLOW"] ? 1_000 : 30 },
  )
}, 600_000)

test("replaces an object that is damaged", async () => {
  const policy = objectOf("policies", "a policy")
  const store = await open()
  await writeFile(join(directory, "policies", policy.hash), "a polizy")

  await store.commit(commitOf({ objects: [policy], latest: "one" }))

  expect(await textOf(store.read("policies", policy.hash))).toBe("a policy")
})

test("sweeps what the history does not name, and nothing that is not its own", async () => {
  const [kept, orphan] = [objectOf("policies", "kept"), objectOf("policies", "orphan")]
  const store = await open()
  await writeFile(join(directory, "policies", orphan.hash), "orphan")
  await writeFile(join(directory, "manifests", "abc.tmp"), "half")
  await writeFile(join(directory, "policies", "README"), "not ours")

  await store.commit(commitOf({ objects: [kept], latest: "one" }))

  expect((await readdir(join(directory, "policies"))).sort()).toEqual(["README", kept.hash].sort())
  expect(await readdir(join(directory, "manifests"))).toEqual([])
})

test.each(["ENOSPC", "EDQUOT"])("refuses a set on %s, leaves nothing behind, and takes the next", async (code) => {
  let isFull = true
  const full: Files = {
    ...nodeFiles,
    create: async (path) => {
      const file = await nodeFiles.create(path)
      const write = (bytes: Uint8Array) => (isFull ? Promise.reject(systemError(code)) : file.write(bytes))
      return { ...file, write }
    },
  }
  const store = await open(directory, full)
  const commit = commitOf({ objects: [objectOf("manifests", "a manifest")], latest: "one" })

  await expect(store.commit(commit)).rejects.toMatchObject({ code: "STORE_FULL" })

  expect((await readdir(directory, { recursive: true })).sort()).toEqual(["manifests", "policies", "transitions"])
  isFull = false
  expect(await store.commit(commit)).toBe("committed")
})

test.each(["sync", "rename", "syncDirectory"])("stops when %s fails, and acknowledges nothing", async (act) => {
  let isBroken = false
  const unless = (run: () => Promise<void>) => (isBroken ? Promise.reject(systemError("EIO")) : run())
  const files: Files = {
    ...nodeFiles,
    create: async (path) => {
      const file = await nodeFiles.create(path)
      return { ...file, sync: () => (act === "sync" ? unless(() => file.sync()) : file.sync()) }
    },
    ...(act === "rename" && { rename: (from, to) => unless(() => nodeFiles.rename(from, to)) }),
    ...(act === "syncDirectory" && { syncDirectory: (path) => unless(() => nodeFiles.syncDirectory(path)) }),
  }
  const stops: string[] = []
  const store = await open(directory, files, stops)
  isBroken = true

  const commit = store.commit(commitOf({ latest: "one" }))

  await expect(commit).rejects.toBeDefined()
  expect(stops).toEqual(["STORE_UNCERTAIN"])
})

test("says which operation failed, and not where the data lies", async () => {
  const files: Files = { ...nodeFiles, read: () => Promise.reject(systemError("EIO")) }
  const store = await open(directory, files)

  await expect(store.latest()).rejects.toMatchObject({
    code: "STORE",
    message: "failed to read transitions/latest: EIO",
  })
})

function open(path = directory, files: Files = nodeFiles, stops: string[] = []): Promise<FileStore> {
  const stop = ({ code }: { readonly code: string }): never => {
    stops.push(code)
    throw new Error("stopped")
  }
  return FileStore.open({ directory: path, files, stop })
}

interface CommitText {
  readonly objects?: readonly StoredObject[]
  readonly expected?: string | undefined
  readonly latest: string
}

function commitOf({ objects = [], expected, latest }: CommitText): Commit {
  const hashes = (kind: string) => new Set(objects.filter((object) => object.kind === kind).map(({ hash }) => hash))
  return {
    objects,
    expectedLatest: expected === undefined ? undefined : encodeUtf8(expected),
    latest: encodeUtf8(latest),
    referenced: () => ({
      policies: hashes("policies"),
      manifests: hashes("manifests"),
      transitions: hashes("transitions"),
    }),
  }
}

function objectOf(kind: StoredObject["kind"], text: string): StoredObject {
  const bytes = encodeUtf8(text)
  return { kind, hash: encodeHex(sha256(bytes)), bytes }
}

async function textOf(bytes: Promise<Uint8Array | undefined>): Promise<string | undefined> {
  const read = await bytes
  return read && Buffer.from(read).toString()
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code })
}
