import { randomBytes } from "node:crypto"
import { type FileHandle, constants, link, lstat, mkdir, open, realpath, rename, rm, stat } from "node:fs/promises"
import path from "node:path"
import { CliError } from "./error.ts"
import { fileExists } from "./file-reader.ts"
import { fileError, systemCode } from "./system-error.ts"

const DIRECTORY_MODE = 0o755

/** What a file is staged with. */
export interface StagedContent {
  /** Where it is to appear; the parts of the folder that are missing are made. */
  readonly path: string
  readonly content: Uint8Array
  readonly mode: number
}

/**
 * A file that is already on the disk, but not under its name yet. Whether there is room for it is known before
 * anything has changed, and under its name there is at any time either the whole old or the whole new content, which a
 * loss of power does not take away again. It is open only while it is written, so that any number may be staged together.
 */
export class StagedFile {
  readonly path: string
  readonly #temporary: string
  readonly #target: string

  private constructor(file: { path: string; temporary: string; target: string }) {
    this.path = file.path
    this.#temporary = file.temporary
    this.#target = file.target
  }

  /** @throws `CliError` `FILE_ACCESS` or `FILE_FULL`. */
  static async create({ path: name, content, mode }: StagedContent): Promise<StagedFile> {
    try {
      await makeFolder(path.dirname(name))
      const target = await resolveLinks(name)
      const suffix = randomBytes(6).toString("hex")
      const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${suffix}.tmp`)
      const file = new StagedFile({ path: name, temporary, target })
      await file.#start(content, mode).catch(async (error: unknown) => {
        await file.discard()
        throw error
      })
      return file
    } catch (error) {
      throw fileError("write", name, error)
    }
  }

  /** Puts other content in place of the first, which has kept the room for it. */
  async replace(content: Uint8Array): Promise<void> {
    await this.#attempt(async () => {
      await using handle = await open(this.#temporary, "r+")
      await fill(handle, content)
    })
  }

  /** Gives the file its name, in place of what has it now. */
  async publish(): Promise<void> {
    await this.#attempt(async () => {
      await rename(this.#temporary, this.#target)
      await syncFolder(path.dirname(this.#target))
    })
  }

  /**
   * Gives the file its name. What has it now gets the first free name of `name.1`, `name.2`, …
   *
   * @returns That other name, if there was such a file.
   */
  async publishBeside(): Promise<string | undefined> {
    const setAside = (await fileExists(this.#target)) ? await firstFreeName(this.#target) : undefined
    if (setAside !== undefined) await this.#attempt(() => rename(this.#target, setAside))
    await this.publish()
    return setAside
  }

  /** Gives the file its name, unless something has it: `FILE_EXISTS`. */
  async publishNew(): Promise<void> {
    await this.#attempt(async () => {
      await link(this.#temporary, this.#target).catch((error: unknown) => this.#refuseExisting(error))
      await this.discard()
      await syncFolder(path.dirname(this.#target))
    })
  }

  /** Takes the file off the disk again; after it has its name this does nothing to it. */
  async discard(): Promise<void> {
    await rm(this.#temporary, { force: true })
  }

  async #start(content: Uint8Array, mode: number): Promise<void> {
    await using handle = await open(this.#temporary, "wx", mode)
    await handle.chmod(mode) // whatever the umask took away
    await fill(handle, content)
  }

  #refuseExisting(cause: unknown): never {
    if (systemCode(cause) !== "EEXIST") throw cause
    throw new CliError("FILE_EXISTS", `${this.path} exists, and is never overwritten`, {
      cause,
      hint: "move it away, or choose another path",
    })
  }

  async #attempt(action: () => Promise<void>): Promise<void> {
    try {
      await action()
    } catch (error) {
      throw fileError("write", this.path, error)
    }
  }
}

/** Makes the parts of a folder that are missing, and waits until their names are on the disk. */
async function makeFolder(folder: string): Promise<void> {
  if ((await mkdir(folder, { recursive: true, mode: DIRECTORY_MODE })) === undefined) return
  let made = await realpath(folder)
  while (made !== path.dirname(made)) {
    made = path.dirname(made)
    await syncFolder(made)
  }
}

/** Codes of folders that may be written to but not opened, and of file systems that keep names without being told. */
const UNSYNCED: readonly unknown[] = ["EACCES", "EINVAL", "ENOTSUP"]

/** Waits until the names in a folder are on the disk. Without this, a loss of power may take back what was renamed. */
async function syncFolder(folder: string): Promise<void> {
  try {
    await using handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY)
    await handle.sync()
  } catch (error) {
    if (!UNSYNCED.includes(systemCode(error))) throw error
  }
}

/** Makes this the whole content, and waits until it is on the disk. */
async function fill(handle: FileHandle, content: Uint8Array): Promise<void> {
  let written = 0
  while (written < content.length) {
    const { bytesWritten } = await handle.write(content, written, content.length - written, written)
    written += bytesWritten
  }
  await handle.truncate(content.length)
  await handle.sync()
}

async function firstFreeName(name: string): Promise<string> {
  let number = 1
  while (await fileExists(`${name}.${number}`)) number++
  return `${name}.${number}`
}

/** A link stays a link: what it leads to is replaced. A folder would be noticed too late, and a device lost. */
async function resolveLinks(name: string): Promise<string> {
  try {
    const target = (await lstat(name)).isSymbolicLink() ? await realpath(name) : name
    const stats = await stat(target)
    if (stats.isFile()) return target
    const kind = stats.isDirectory() ? "a folder" : "no file"
    throw new CliError("FILE_ACCESS", `cannot write ${name}: it is ${kind}`, { hint: "check the path" })
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error
    return name
  }
}
