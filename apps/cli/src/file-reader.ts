import { open, stat } from "node:fs/promises"
import { CliError } from "./error.ts"
import { fileError, systemCode } from "./system-error.ts"

/**
 * Reads a whole file of at most `maxBytes`.
 *
 * @param originHint - Where such a file comes from, for those who have none.
 * @throws {@link CliError} `FILE_NOT_FOUND`, `FILE_ACCESS` or `FILE_SIZE`.
 */
export async function readFileBounded(
  path: string,
  maxBytes: number,
  originHint: string = "check the path",
): Promise<Uint8Array> {
  const bytes = await findFileBounded(path, maxBytes)
  if (bytes !== undefined) return bytes
  throw new CliError("FILE_NOT_FOUND", `cannot read ${path}: no such file or folder`, { hint: originHint })
}

/** As {@link readFileBounded}, but a file that does not exist is `undefined`. */
export async function findFileBounded(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
  try {
    return await readBounded(path, maxBytes)
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined
    throw fileError("read", path, error)
  }
}

/** Whether there is something under this name. */
export async function fileExists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false
    throw fileError("read", path, error)
  }
}

/** Reads one byte more than allowed at most, whatever the size that the system tells: it may be a pipe, or growing. */
async function readBounded(path: string, maxBytes: number): Promise<Uint8Array> {
  const file = await open(path, "r")
  try {
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of file.createReadStream({ end: maxBytes, autoClose: false }) as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      size += chunk.length
    }
    if (size > maxBytes) {
      throw new CliError("FILE_SIZE", `${path} is larger than ${maxBytes} bytes`, {
        hint: "check that it is the file you mean",
      })
    }
    return new Uint8Array(Buffer.concat(chunks))
  } finally {
    await file.close()
  }
}
