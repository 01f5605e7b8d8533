import { lstatSync, rmSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { CoordinatorError } from "../error.ts"

/** Ownership of a directory; the system takes it back when the process ends, however it ends. */
export interface DirectoryLock {
  release(): void
}

/** SQLite's result code for a file that is locked by someone else. */
const SQLITE_BUSY = 5

/** Files beside a database that SQLite would read. */
const COMPANIONS = ["-journal", "-wal", "-shm"]

/**
 * Takes a directory for this process alone.
 *
 * Node offers no file locks of its own, but SQLite takes the kernel's (fcntl) on its database, so an empty database
 * is the lock. Nothing is ever written to it. Unlike a file with a process ID in it, such a lock cannot be left behind,
 * and it holds between containers that share a volume, where process IDs say nothing.
 *
 * @param path - The lock file; its directory must exist.
 * @throws {@link CoordinatorError} `DIRECTORY_IN_USE`; `STORE` if the file cannot be opened or locked.
 */
export function lockDirectory(path: string): DirectoryLock {
  try {
    removeForeign(path)
    const database = new DatabaseSync(path)
    // The journal would be a second file, for a transaction that changes nothing.
    database.exec("PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE")
    return {
      release: () => {
        database.close()
      },
    }
  } catch (cause) {
    if (isBusy(cause)) {
      throw new CoordinatorError("DIRECTORY_IN_USE", "another Coordinator owns this data directory", { cause })
    }
    throw new CoordinatorError("STORE", `cannot lock ${path}`, { cause })
  }
}

/** The disk is untrusted, and a lock is always empty: of anything else SQLite shall not read a byte. */
function removeForeign(path: string): void {
  for (const companion of COMPANIONS) rmSync(`${path}${companion}`, { force: true })
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found !== undefined && !(found.isFile() && found.size === 0)) rmSync(path)
}

function isBusy(error: unknown): boolean {
  return typeof error === "object" && error !== null && "errcode" in error && error.errcode === SQLITE_BUSY
}
