import { dirname, join } from "node:path"
import { CoordinatorError } from "../error.ts"
import { systemCode } from "../system-error.ts"
import { lockDirectory } from "./directory-lock.ts"
import { FileStore } from "./file-store.ts"
import { nodeFiles } from "./files.ts"

/** A directory that belongs to this process, with the history in it. */
export interface DataDirectory {
  readonly store: FileStore
  /** Gives the directory up. To be called, or the system may see the lock as garbage and take it back early. */
  close(): void
}

/**
 * Takes a directory for this process alone, and opens the history in it.
 *
 * @param stop - See {@link FileStore}.
 * @throws {@link CoordinatorError} `DIRECTORY_IN_USE` or `STORE`.
 */
export async function openDataDirectory(
  path: string,
  stop: (error: CoordinatorError) => never,
): Promise<DataDirectory> {
  await makeDataDirectory(path)
  const lock = lockDirectory(join(path, "lock"))
  try {
    const store = await FileStore.open({ directory: join(path, "history"), files: nodeFiles, stop })
    return {
      store,
      close: () => {
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

async function makeDataDirectory(path: string): Promise<void> {
  try {
    if (await nodeFiles.makeDirectory(path)) await nodeFiles.syncDirectory(dirname(path))
  } catch (cause) {
    throw new CoordinatorError("STORE", `cannot make the data directory ${path}: ${systemCode(cause) ?? "unknown"}`, {
      cause,
    })
  }
}
