import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { type Cache, createDirectoryCache, type Entry, itemName, vcekItem } from "../src/index.ts"
import { CRL, LEAF, NOW, QUERY, TURIN_QUERY } from "./lab.ts"

const ENTRY: Entry = { item: vcekItem(QUERY), content: { body: LEAF }, fetchedAt: NOW }
const LIST: Entry = { item: { kind: "root-crl" }, content: { body: CRL, issuerChain: LEAF }, fetchedAt: NOW }

let directory: string
let cache: Cache
let file: string

beforeEach(async () => {
  directory = path.join(await mkdtemp(path.join(tmpdir(), "contrast-collateral-")), "cache")
  cache = createDirectoryCache(directory)
  file = path.join(directory, `${itemName(ENTRY.item)}.json`)
})
afterEach(() => rm(path.dirname(directory), { recursive: true }))

describe("a cache in a directory", () => {
  test("gives back what it was given, and nothing for what it was not", async () => {
    await cache.write(ENTRY)
    await cache.write(LIST)

    expect(await cache.read(ENTRY.item)).toEqual(ENTRY)
    expect(await cache.read(LIST.item)).toEqual(LIST)
    expect(await cache.read(vcekItem(TURIN_QUERY))).toBeUndefined()
    expect(await cache.items()).toEqual([LIST.item, ENTRY.item])
  })

  test("takes nothing new when it is full, and keeps what it has", async () => {
    const full = createDirectoryCache(directory, 1)
    await full.write(ENTRY)

    await expect(full.write(LIST)).rejects.toMatchObject({ code: "CACHE_FULL" })

    await full.write({ ...ENTRY, fetchedAt: new Date(NOW.getTime() + 1000) })
    expect(await full.items()).toEqual([ENTRY.item])
  })

  test("is empty before anything was written", async () => {
    expect(await cache.read(ENTRY.item)).toBeUndefined()
    expect(await cache.items()).toEqual([])
  })

  test("is its owner's alone, and leaves no temporary file", async () => {
    await Promise.all(Array.from({ length: 10 }, () => cache.write(ENTRY)))

    expect((await stat(directory)).mode & 0o777).toBe(0o700)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readdir(directory)).toEqual([path.basename(file)])
    expect(await cache.read(ENTRY.item)).toEqual(ENTRY)
  })

  test("gives the same or nothing, whichever byte of a file is altered", async () => {
    await cache.write(ENTRY)
    const bytes = await readFile(file)
    for (let offset = 0; offset < bytes.length; offset += 1) {
      const altered = Buffer.from(bytes)
      altered[offset] = (altered[offset] ?? 0) ^ (1 << (offset % 8))
      await writeFile(file, altered)

      const read = await cache.read(ENTRY.item)

      if (read !== undefined) expect(read).toEqual(ENTRY)
    }
  })

  test.each<[string, (bytes: Buffer) => Buffer | string]>([
    ["is empty", () => ""],
    ["is cut off", (bytes) => bytes.subarray(0, bytes.length - 10)],
    ["is longer than any", (bytes) => Buffer.concat([bytes, Buffer.alloc(1024 * 1024, " ")])],
    ["has another key", (bytes) => bytes.toString().replace('"name"', '"extra":1,"name"')],
    ["is of another item", (bytes) => bytes.toString().replace("0-8-115", "0-8-116")],
    ["is null", () => "null"],
  ])("removes a file that %s", async (_name, change) => {
    await cache.write(ENTRY)
    await writeFile(file, change(await readFile(file)))

    expect(await cache.read(ENTRY.item)).toBeUndefined()
    expect(await readdir(directory)).toEqual([])
  })

  test("does not follow a link", async () => {
    await cache.write(LIST)
    await symlink(path.join(directory, "root-crl.json"), file)

    await expect(cache.read(ENTRY.item)).rejects.toMatchObject({ code: "ELOOP" })
  })
})
