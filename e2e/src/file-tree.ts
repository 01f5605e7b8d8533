import { readdir, readFile } from "node:fs/promises"
import path from "node:path"

export interface FoundFile {
  /** Relative to the folder that was read. */
  readonly name: string
  readonly bytes: Buffer
}

/** All regular files below a folder. */
export async function readFileTree(folder: string): Promise<readonly FoundFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
  return Promise.all(
    files.sort().map(async (file) => ({ name: path.relative(folder, file), bytes: await readFile(file) })),
  )
}
