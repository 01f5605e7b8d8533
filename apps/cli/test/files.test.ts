import { mkdir, readdir, readlink, symlink } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
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

/** What the descriptors of this process lead to. */
async function openFiles(): Promise<readonly string[]> {
  const descriptors = await readdir("/proc/self/fd")
  return Promise.all(descriptors.map((number) => readlink(`/proc/self/fd/${number}`).catch(() => "closed")))
}
