import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs"
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises"
import { setImmediate } from "node:timers/promises"
import { CoordinatorError } from "../error.ts"
import { systemCode } from "../system-error.ts"

/** A file being written. */
export interface NewFile {
  write(bytes: Uint8Array): Promise<void>
  /** Returns when the content is on the disk. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** The few file operations that the history is made of: a test's own can fail or stop at each of them. */
export interface Files {
  /** Reads at most `maxBytes`, so a longer file comes back cut; absent is `undefined`. */
  read(path: string, maxBytes: number): Promise<Uint8Array | undefined>
  list(directory: string): Promise<readonly string[]>
  /** Opens an empty file for its owner alone; one that exists is emptied. */
  create(path: string): Promise<NewFile>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** Returns whether it was missing; its parent must exist. */
  makeDirectory(path: string): Promise<boolean>
  /** Returns when the names in the directory are on the disk. */
  syncDirectory(path: string): Promise<void>
  mode(path: string): Promise<number>
  setMode(path: string, mode: number): Promise<void>
}

/** Mode of everything in the data directory: its owner alone. */
export const FILE_MODE: number = 0o600
/** Mode of the directories that hold it. */
export const DIRECTORY_MODE: number = 0o700

// A link in the data directory is not of our making, nor is a pipe, for whose other end nobody may wait.
const OURS: number = constants.O_NOFOLLOW | constants.O_NONBLOCK
const WRITE: number = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | OURS
const READ: number = constants.O_RDONLY | OURS

/** After so many reads everyone else gets a turn. */
const READS_A_TURN = 64
let reads = 0

/** The files of this machine. */
export const nodeFiles: Files = {
  read: async (path, maxBytes) => {
    if (++reads % READS_A_TURN === 0) await setImmediate()
    return readBounded(path, maxBytes)
  },
  list: (directory) => readdir(directory),
  create: async (path) => {
    const handle = await open(path, WRITE, FILE_MODE)
    return { write: (bytes) => handle.writeFile(bytes), sync: () => handle.sync(), close: () => handle.close() }
  },
  rename,
  remove: (path) => rm(path, { force: true }),
  makeDirectory: async (path) => {
    try {
      await mkdir(path, { mode: DIRECTORY_MODE })
      return true
    } catch (error) {
      if (systemCode(error) === "EEXIST") return false
      throw error
    }
  },
  syncDirectory: async (path) => {
    const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
  mode: async (path) => (await stat(path)).mode & 0o777,
  setMode: async (path, mode) => {
    const handle = await open(path, READ)
    try {
      await handle.chmod(mode)
    } finally {
      await handle.close()
    }
  },
}

/**
 * Reads without giving up the thread: a history is thousands of small files, and one asynchronous read costs as much
 * as eight of these.
 */
function readBounded(path: string, maxBytes: number): Uint8Array | undefined {
  const file = openIfPresent(path)
  if (file === undefined) return undefined
  try {
    return readUpTo(file, maxBytes)
  } finally {
    closeSync(file)
  }
}

function openIfPresent(path: string): number | undefined {
  try {
    return openSync(path, READ)
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined
    throw error
  }
}

function readUpTo(file: number, maxBytes: number): Uint8Array {
  const stats = fstatSync(file)
  if (!stats.isFile()) throw new CoordinatorError("STORE", "expected a file, got something else under its name")
  const bytes = new Uint8Array(Math.min(stats.size, maxBytes))
  let length = 0
  while (length < bytes.length) {
    const count = readSync(file, bytes, length, bytes.length - length, null)
    if (count === 0) return bytes.subarray(0, length)
    length += count
  }
  return bytes
}
