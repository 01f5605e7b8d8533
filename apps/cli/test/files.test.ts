import { type FileHandle, mkdir, open, readdir, readlink, symlink } from "node:fs/promises"
import path from "node:path"
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals"
import { encodeUtf8 } from "@contrast/crypto"
import { writeFiles } from "../src/files.ts"
import { findFileBounded, readFileBounded } from "../src/file-reader.ts"
import { fileError } from "../src/system-error.ts"
import { StagedFile } from "../src/staged-file.ts"
import { Folder } from "./support/folder.ts"
import { PEMS } from "./support/keys.ts"

let folder: Folder

beforeEach(async () => {
  folder = await Folder.create({ old: "old" })
})
afterEach(() => folder.close())

const content = encodeUtf8("new")

describe("files that are written together", () => {
  test("appear with their modes, in folders that are made", async () => {
    const writes = [
      { path: folder.path("a/b/new"), content },
      { path: folder.path("key.pem"), content, isKey: true },
    ]

    expect(await writeFiles(writes)).toEqual(writes.map(({ path }) => path))
    expect(await folder.read("a/b/new")).toBe("new")
    expect(await folder.mode("a/b/new")).toBe(0o644)
    expect(await folder.mode("key.pem")).toBe(0o600)
    expect(await folder.names()).toEqual(["a/b/new", "key.pem", "old"])
  })

  test("are refused if one would be written over the other", async () => {
    const writes = [
      { path: folder.path("new"), content },
      { path: folder.path("a/../new"), content, isKey: true },
    ]

    await expect(writeFiles(writes)).rejects.toMatchObject({ code: "USAGE" })
    expect(await folder.names()).toEqual(["old"])
  })

  test("are left alone when they hold the bytes already", async () => {
    expect(await writeFiles([{ path: folder.path("old"), content: encodeUtf8("old") }])).toEqual([])
  })

  test("stay links, and change what they lead to", async () => {
    await symlink(folder.path("old"), folder.path("link"))

    await writeFiles([{ path: folder.path("link"), content }])

    expect(await folder.read("old")).toBe("new")
  })

  test.each([
    ["a key exists", (path: string) => ({ path, content, isKey: true }), "old", "FILE_EXISTS"],
    ["a key would be overwritten", (path: string) => ({ path, content }), "some.pem", "KEY_FILE"],
    ["a folder is in the way", (path: string) => ({ path, content }), "folder", "FILE_ACCESS"],
    ["a file stands for a folder", (path: string) => ({ path, content }), "old/new", "FILE_ACCESS"],
  ])("all stay away when %s", async (_name, write, name, code) => {
    await folder.write("some.pem", PEMS.workload)
    await mkdir(folder.path("folder"))
    const before = await folder.digest()

    await expect(writeFiles([{ path: folder.path("first"), content }, write(folder.path(name))])).rejects.toMatchObject(
      {
        code,
      },
    )

    expect(await folder.digest()).toEqual(before)
  })
})

describe("a staged file", () => {
  test("is there under its name only when it is published", async () => {
    const file = await StagedFile.create({ path: folder.path("old"), content, mode: 0o644 })

    expect(await folder.read("old")).toBe("old")
    await file.replace(encodeUtf8("newer"))
    await file.publish()
    await file.discard()

    expect(await folder.read("old")).toBe("newer")
    expect(await folder.names()).toEqual(["old"])
  })

  test("is not held open, so that a long history needs no more open files than a short one", async () => {
    const files = await Promise.all(
      ["one", "two"].map((name) => StagedFile.create({ path: folder.path(name), content, mode: 0o644 })),
    )

    expect((await openFiles()).filter((name) => name.startsWith(folder.root))).toEqual([])
    await Promise.all(files.map((file) => file.discard()))
  })

  test.each([
    ["in place of another", { publish: (file: StagedFile) => file.publish(), name: "a/b/file", last: "a/b: file" }],
    ["as a new one", { publish: (file: StagedFile) => file.publishNew(), name: "a/b/file", last: "a/b: file" }],
    [
      "beside an earlier one",
      { publish: (file: StagedFile) => file.publishBeside(), name: "old", last: ": old old.1" },
    ],
  ])("that is published %s is on the disk with its name and the folders made for it", async (_name, row) => {
    const staged = await synced(() => StagedFile.create({ path: folder.path(row.name), content, mode: 0o644 }))
    const published = await synced<unknown>(() => row.publish(staged.result))

    expect(staged.folders).toEqual(row.name === "old" ? [] : ["a: b", ": a old"])
    expect(published.folders).toEqual([row.last])
  })

  test.each([
    ["the disk fails", "EIO", /^cannot write .*old: the system failed$/],
    ["the disk is full", "ENOSPC", /^cannot write .*old: the disk is full$/],
  ])("counts as published only with its name on the disk: %s", async (_name, code, message) => {
    const file = await StagedFile.create({ path: folder.path("old"), content, mode: 0o644 })

    await expect(failingSync(code, () => file.publish())).rejects.toThrow(message)
  })

  test.each(["EINVAL", "ENOTSUP", "EACCES"])("is published where names cannot be waited for: %s", async (code) => {
    const file = await StagedFile.create({ path: folder.path("old"), content, mode: 0o644 })

    await failingSync(code, () => file.publish())

    expect(await folder.read("old")).toBe("new")
  })

  test("leaves nothing behind when it is discarded", async () => {
    const file = await StagedFile.create({ path: folder.path("other"), content, mode: 0o644 })

    await file.discard()

    expect(await folder.names()).toEqual(["old"])
  })
})

describe("a refusal of the file system", () => {
  test.each([
    ["ENOENT", "FILE_NOT_FOUND"],
    ["EACCES", "FILE_ACCESS"],
    ["EROFS", "FILE_ACCESS"],
    ["EEXIST", "FILE_ACCESS"],
    ["ENXIO", "FILE_ACCESS"],
    ["EPIPE", "FILE_ACCESS"],
    ["ENOSPC", "FILE_FULL"],
    ["EDQUOT", "FILE_FULL"],
    ["EMFILE", "FILE_ACCESS"],
  ])("is told as one of ours: %s", (code, expected) => {
    expect(fileError("write", "here", Object.assign(new Error("raw"), { code }))).toMatchObject({
      code: expected,
      message: expect.stringMatching(/^cannot write here: /) as unknown,
      hint: expect.any(String) as unknown,
    })
  })

  test("stays what it is when it is none", () => {
    const error = new Error("a defect")

    expect(fileError("write", "here", error)).toBe(error)
  })
})

describe("files that are read", () => {
  test("may be as long as their bound, and no longer", async () => {
    expect(await readFileBounded(folder.path("old"), 3)).toEqual(encodeUtf8("old"))
    await expect(readFileBounded(folder.path("old"), 2)).rejects.toMatchObject({ code: "FILE_SIZE" })
    await expect(readFileBounded("/dev/zero", 1000)).rejects.toMatchObject({ code: "FILE_SIZE" })
  })

  test("are refused or absent where there is none", async () => {
    await expect(readFileBounded(folder.path("none"), 9)).rejects.toMatchObject({ code: "FILE_NOT_FOUND" })
    await expect(readFileBounded(folder.path("none"), 9, "make one")).rejects.toMatchObject({ hint: "make one" })
    expect(await findFileBounded(folder.path("none"), 9)).toBeUndefined()
  })
})

/** Which folders of ours are waited for during an act, with what is in them then. */
async function synced<T>(act: () => Promise<T>): Promise<{ readonly result: T; readonly folders: readonly string[] }> {
  const folders: string[] = []
  const prototype = await handlePrototype()
  const sync = Reflect.get(prototype, "sync")
  const spy = jest.spyOn(prototype, "sync").mockImplementation(async function (this: FileHandle) {
    const name = await readlink(`/proc/self/fd/${this.fd}`)
    if (name.startsWith(folder.root) && (await this.stat()).isDirectory()) {
      folders.push(`${path.relative(folder.root, name)}: ${(await readdir(name)).toSorted().join(" ")}`)
    }
    await sync.call(this)
  })
  const result = await act().finally(() => {
    spy.mockRestore()
  })
  return { result, folders }
}

/** Does something while the system refuses to wait for the disk. */
async function failingSync(code: string, act: () => Promise<void>): Promise<void> {
  const error = Object.assign(new Error("raw"), { code })
  const spy = jest.spyOn(await handlePrototype(), "sync").mockRejectedValue(error)
  await act().finally(() => {
    spy.mockRestore()
  })
}

/** What all open files have their methods from. */
async function handlePrototype(): Promise<FileHandle> {
  await using handle = await open(folder.root)
  return Object.getPrototypeOf(handle) as FileHandle // as Node declares no class of it
}

/** What the descriptors of this process lead to. */
async function openFiles(): Promise<readonly string[]> {
  const descriptors = await readdir("/proc/self/fd")
  return Promise.all(descriptors.map((number) => readlink(`/proc/self/fd/${number}`).catch(() => "closed")))
}
