import { stat } from "node:fs/promises"
import path from "node:path"
import { CliError } from "./error.ts"
import { findFileBounded } from "./file-reader.ts"
import { StagedFile } from "./staged-file.ts"
import { isStream, writeStream } from "./streams.ts"
import { fileError, systemCode } from "./system-error.ts"

/** Mode of files that anyone may read. */
export const PUBLIC_MODE = 0o644
/** Mode of private keys. */
const KEY_MODE = 0o600

/** Longest file that is compared before it is replaced; a longer one is replaced unseen. */
const MAX_COMPARED_BYTES = 64 * 1024 * 1024

/** A file to be written. */
export interface FileWrite {
  readonly path: string
  readonly content: Uint8Array
  /** A private key: its owner's alone, and never in place of another file. */
  readonly isKey?: boolean
}

/**
 * Writes files together: all of them are on the disk before the first gets its name, so that a full disk or a missing
 * permission changes nothing. Files that hold these bytes already are left alone, others keep their mode. What goes into
 * pipes and devices goes there when the files are safe.
 *
 * @returns The paths that were changed.
 * @throws {@link CliError} `USAGE`, `FILE_ACCESS`, `FILE_FULL`; `FILE_EXISTS` or `KEY_FILE` where a file must not be replaced.
 */
export async function writeFiles(writes: readonly FileWrite[]): Promise<readonly string[]> {
  requireDistinct(writes)
  const files: FileWrite[] = []
  const streams: FileWrite[] = []
  for (const write of writes) {
    const passes = !write.isKey && (await isStream(write.path))
    ;(passes ? streams : files).push(write)
  }
  const changed = await stageAndPublish(files)
  for (const { path, content } of streams) await writeStream(path, content)
  return [...changed, ...streams.map(({ path }) => path)]
}

async function stageAndPublish(writes: readonly FileWrite[]): Promise<readonly string[]> {
  const staged: { readonly file: StagedFile; readonly isKey: boolean }[] = []
  try {
    for (const { path, content, isKey = false } of writes) {
      if (!isKey && (await holds(path, content))) continue
      const mode = isKey ? KEY_MODE : ((await modeOf(path)) ?? PUBLIC_MODE)
      staged.push({ file: await StagedFile.create({ path, content, mode }), isKey })
    }
    // Keys come first: without them the rest would be of no use.
    for (const { file, isKey } of staged.toSorted((one, other) => Number(other.isKey) - Number(one.isKey))) {
      await (isKey ? file.publishNew() : file.publish())
    }
    return staged.map(({ file }) => file.path)
  } finally {
    await Promise.all(staged.map(({ file }) => file.discard()))
  }
}

/** One file would be written over the other. */
function requireDistinct(writes: readonly FileWrite[]): void {
  const seen = new Set<string>()
  for (const file of writes) {
    const resolved = path.resolve(file.path)
    if (seen.has(resolved)) {
      throw new CliError("USAGE", `two files would be written to ${file.path}`, {
        hint: "name another path for one of them",
      })
    }
    seen.add(resolved)
  }
}

/** Whether the file has this content. A private key in its place is refused: it could not be brought back. */
async function holds(path: string, content: Uint8Array): Promise<boolean> {
  const current = Buffer.from((await findFileBounded(path, MAX_COMPARED_BYTES)) ?? [])
  if (current.includes("PRIVATE KEY-----")) {
    throw new CliError("KEY_FILE", `${path} holds a private key, which is never overwritten`, {
      hint: "choose another path",
    })
  }
  return current.equals(content) && current.length > 0
}

async function modeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & 0o777
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined
    throw fileError("write", path, error)
  }
}
