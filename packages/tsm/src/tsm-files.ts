import { constants } from "node:fs"
import { access, mkdir, open, rmdir } from "node:fs/promises"

/**
 * The few operations that configfs is used with. Attributes are no ordinary files: each write is an action, an answer is
 * made when it is read, and directories bring their attributes with them.
 */
export interface TsmFiles {
  exists(path: string): Promise<boolean>
  makeDirectory(path: string): Promise<void>
  /** Removes a directory with the attributes in it. */
  removeDirectory(path: string): Promise<void>
  /** Writes all bytes at once, on a descriptor of its own. */
  write(path: string, bytes: Uint8Array): Promise<void>
  /**
   * Reads to the end, whatever size the file claims.
   *
   * @returns `undefined` if there is more than `maxBytes`.
   */
  read(path: string, maxBytes: number): Promise<Uint8Array | undefined>
}

const CHUNK_BYTES = 64 * 1024

/** The kernel's own. Errors are those of the system, with its codes. */
export const SYSTEM_FILES: TsmFiles = {
  exists: (path) =>
    access(path, constants.F_OK).then(
      () => true,
      () => false,
    ),
  makeDirectory: (path) => mkdir(path),
  removeDirectory: (path) => rmdir(path),
  write: writeOnce,
  read: readToEnd,
}

/** A write in two parts would be two requests, so a short one is an error. */
async function writeOnce(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, constants.O_WRONLY)
  try {
    const { bytesWritten } = await file.write(bytes)
    if (bytesWritten !== bytes.length) throw new RangeError(`wrote ${bytesWritten} of ${bytes.length} bytes to ${path}`)
  } finally {
    await file.close()
  }
}

async function readToEnd(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
  const file = await open(path, constants.O_RDONLY)
  try {
    const parts: Uint8Array[] = []
    let size = 0
    for (;;) {
      const { bytesRead, buffer } = await file.read(new Uint8Array(CHUNK_BYTES), 0, CHUNK_BYTES)
      if (bytesRead === 0) return new Uint8Array(Buffer.concat(parts))
      size += bytesRead
      if (size > maxBytes) return undefined
      parts.push(buffer.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
}
