import { randomBytes } from "node:crypto"
import { constants } from "node:fs"
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises"
import path from "node:path"
import { decodeUtf8 } from "@contrast/crypto"
import type { Cache } from "./cache.ts"
import { encodeEntry, type Entry, parseEntry } from "./entry.ts"
import { CollateralError } from "./error.ts"
import { findItem, type Item, itemName } from "./item.ts"
import { systemCode } from "./system-code.ts"

const SUFFIX = ".json"
/** A chip has as many certificates as TCB versions can be written, and evidence names the version. */
const MAX_ENTRIES = 20_000
/** Two parts of an entry in base64, and room for the rest. */
const MAX_FILE_BYTES = 1024 * 1024
/** The chips that are asked for are nobody else's business. */
const DIRECTORY_MODE = 0o700
const FILE_MODE = 0o600

/**
 * Keeps each entry in a file of a directory, which is made when the first one is written. A file that is not what its
 * name says is removed when it is read. What is kept stays: a directory that is full takes nothing new, so that nobody
 * can push out what honest machines need. Its `write` throws {@link CollateralError} `CACHE_FULL` then.
 */
export function createDirectoryCache(directory: string, maxEntries: number = MAX_ENTRIES): Cache {
  const fileOf = (item: Item): string => path.join(directory, `${itemName(item)}${SUFFIX}`)
  let room = 0
  /** Counts anew only when no room is left: others write and remove, too. */
  const takeRoom = async (): Promise<void> => {
    if (room <= 0) room = maxEntries - (await listNames(directory)).length
    if (room <= 0) throw new CollateralError("CACHE_FULL", `expected at most ${maxEntries} entries in ${directory}`)
    room -= 1
  }
  return {
    read: (item) => readEntry(fileOf(item), item),
    write: async (entry) => {
      const file = fileOf(entry.item)
      const known = await stat(file).catch(ignoreAbsence)
      if (known === undefined) await takeRoom()
      await writeEntry(directory, file, entry)
    },
    items: async () => (await listNames(directory)).flatMap((name) => findItem(name) ?? []),
  }
}

async function readEntry(file: string, item: Item): Promise<Entry | undefined> {
  const bytes = await readBounded(file)
  if (bytes === undefined) return undefined
  try {
    const entry = parseEntry(JSON.parse(decodeUtf8(bytes)))
    if (itemName(entry.item) === itemName(item)) return entry
  } catch {
    // Whatever is wrong with it: it is of no use.
  }
  await rm(file, { force: true })
  return undefined
}

/** A file that is too long is as unreadable as an empty one. */
async function readBounded(file: string): Promise<Uint8Array | undefined> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(ignoreAbsence)
  if (handle === undefined) return undefined
  try {
    const { size } = await handle.stat()
    if (size > MAX_FILE_BYTES) return new Uint8Array(0)
    const { buffer, bytesRead } = await handle.read(new Uint8Array(size), 0, size)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** Under the name there is at any time either the whole old or the whole new entry. */
async function writeEntry(directory: string, file: string, entry: Entry): Promise<void> {
  await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE })
  const temporary = path.join(directory, `.${randomBytes(8).toString("hex")}.tmp`)
  try {
    await writeDurably(temporary, `${JSON.stringify(encodeEntry(entry))}\n`)
    await rename(temporary, file)
  } finally {
    await rm(temporary, { force: true })
  }
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, "wx", FILE_MODE)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function listNames(directory: string): Promise<readonly string[]> {
  const names = (await readdir(directory).catch(ignoreAbsence)) ?? []
  return names
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length))
    .sort()
}

function ignoreAbsence(error: unknown): undefined {
  if (systemCode(error) === "ENOENT") return undefined
  throw error
}
