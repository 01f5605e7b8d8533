import { type Stats, fstatSync } from "node:fs"
import { open, stat } from "node:fs/promises"
import { fileError } from "./system-error.ts"

/** Whether a path leads to what this process has as its standard output, as `/dev/stdout` does. */
export async function isStandardOutput(path: string): Promise<boolean> {
  return isOurs(await findStats(path))
}

/**
 * Whether a path leads to what bytes only pass through: a pipe, a character device, or standard output whatever it is.
 * To write there is fine; to read would be to wait for what never comes, or to take from whom it is for.
 */
export async function isStream(path: string): Promise<boolean> {
  const stats = await findStats(path)
  return stats !== undefined && (stats.isFIFO() || stats.isCharacterDevice() || isOurs(stats))
}

/**
 * Writes into a stream; a pipe is waited for until someone reads from it.
 *
 * @throws `CliError` `FILE_ACCESS` or `FILE_FULL`.
 */
export async function writeStream(path: string, content: Uint8Array): Promise<void> {
  try {
    // Not by its name: a file would be written from its beginning, and a socket cannot be opened.
    if (await isStandardOutput(path)) await writeStandardOutput(content)
    else await writeByName(path, content)
  } catch (error) {
    throw fileError("write", path, error)
  }
}

function isOurs(stats: Stats | undefined): boolean {
  const own = fstatSync(process.stdout.fd)
  return stats !== undefined && stats.dev === own.dev && stats.ino === own.ino
}

async function findStats(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined)
}

function writeStandardOutput(content: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(content, (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}

async function writeByName(path: string, content: Uint8Array): Promise<void> {
  await using handle = await open(path, "w")
  await handle.writeFile(content)
}
