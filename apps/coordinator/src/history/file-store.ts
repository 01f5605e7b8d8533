import { dirname, join } from "node:path"
import { CONTENT_KINDS, type ContentKind } from "@contrast/manifest"
import { CoordinatorError } from "../error.ts"
import { systemCode } from "../system-error.ts"
import { DIRECTORY_MODE, FILE_MODE, type Files } from "./files.ts"
import { isSame, type Commit, type HistoryStore, type StoredObject } from "./history-store.ts"

/** Longest manifest or policy that is read back, in bytes. */
const MAX_OBJECT_BYTES: number = 16 * 1024 * 1024

const LATEST = "transitions/latest"
/** A transition hash and an ECDSA P-384 signature are 138 bytes at most. */
const MAX_LATEST_BYTES = 256
const TEMPORARY = ".tmp"
const OBJECT_NAME = /^[0-9a-f]{64}$/
/** Files that are written at the same time. */
const PARALLEL_WRITES = 32
/** The system's codes for a disk, a quota or a file that is full. */
const FULL: readonly unknown[] = ["ENOSPC", "EDQUOT", "EFBIG"]

export interface FileStoreOptions {
  /** Holds `policies`, `manifests` and `transitions`; its parent must exist. This process must be the only one in it. */
  readonly directory: string
  readonly files: Files
  /**
   * Called when it cannot be known what is on the disk: after a failed sync or rename. Must end the process, since the
   * kernel may have dropped what it could not write, and a second sync would say that all is well.
   */
  readonly stop: (error: CoordinatorError) => never
}

/** The history as files. */
export class FileStore implements HistoryStore {
  readonly #directory: string
  readonly #files: Files
  readonly #stop: (error: CoordinatorError) => never
  /** The last commit; commits run one after another. */
  #queue: Promise<unknown> = Promise.resolve()
  /** An earlier process or a failed commit may have left files behind. */
  #mayHaveLeftovers = true

  private constructor({ directory, files, stop }: FileStoreOptions) {
    this.#directory = directory
    this.#files = files
    this.#stop = stop
  }

  /**
   * Opens the store. Directories that are missing are made; files that another release left readable to others, under
   * the same names, become the owner's alone.
   *
   * @throws {@link CoordinatorError} `STORE`.
   */
  static async open(options: FileStoreOptions): Promise<FileStore> {
    const store = new FileStore(options)
    await attempt("open the history", () => store.#prepare())
    return store
  }

  latest(): Promise<Uint8Array | undefined> {
    return attempt(`read ${LATEST}`, () => this.#files.read(this.#path(LATEST), MAX_LATEST_BYTES))
  }

  read(kind: ContentKind, hash: string): Promise<Uint8Array | undefined> {
    const name = `${kind}/${hash}`
    return attempt(`read ${name}`, () => this.#files.read(this.#path(name), MAX_OBJECT_BYTES))
  }

  commit(commit: Commit): Promise<"committed" | "conflict"> {
    const result = this.#queue.then(() => this.#commit(commit))
    this.#queue = result.catch(() => undefined)
    return result
  }

  async #prepare(): Promise<void> {
    await this.#files.makeDirectory(this.#directory)
    for (const kind of CONTENT_KINDS) {
      await this.#files.makeDirectory(this.#path(kind))
      await this.#restrict(this.#path(kind))
    }
    await this.#files.syncDirectory(this.#directory)
    await this.#files.syncDirectory(dirname(this.#directory))
  }

  /** The directory's own mode comes last: as long as it is wrong, its files are looked at again. */
  async #restrict(directory: string): Promise<void> {
    if ((await this.#files.mode(directory)) === DIRECTORY_MODE) return
    for (const name of await this.#files.list(directory)) await this.#files.setMode(join(directory, name), FILE_MODE)
    await this.#files.setMode(directory, DIRECTORY_MODE)
  }

  async #commit({ objects, expectedLatest, latest, referenced }: Commit): Promise<"committed" | "conflict"> {
    if (!isSame(await this.latest(), expectedLatest)) return "conflict"
    const contents = new Map<string, Uint8Array>()
    for (const object of objects) {
      if (!(await this.#holds(object))) contents.set(`${object.kind}/${object.hash}`, object.bytes)
    }
    const names = [...contents.keys()]
    // Every content is on the disk before any name is, so that up to the first rename a failure changes nothing.
    await attempt("write the history", () => this.#writeTemporaries([...contents, [LATEST, latest]]))
    await this.#orStop("publish the objects", async () => {
      await Promise.all(names.map((name) => this.#publish(name)))
      // All three, even if nothing new is in them: a process that was killed may have renamed and not synced.
      await Promise.all(CONTENT_KINDS.map((kind) => this.#files.syncDirectory(this.#path(kind))))
    })
    await this.#orStop("publish the latest transition", async () => {
      await this.#publish(LATEST)
      await this.#files.syncDirectory(dirname(this.#path(LATEST)))
    })
    // What cannot be removed now is tried again at the next commit.
    await this.#sweep(referenced).catch(() => undefined)
    return "committed"
  }

  async #holds({ kind, hash, bytes }: StoredObject): Promise<boolean> {
    return isSame(await this.read(kind, hash), bytes)
  }

  async #writeTemporaries(contents: readonly (readonly [name: string, bytes: Uint8Array])[]): Promise<void> {
    try {
      for (let start = 0; start < contents.length; start += PARALLEL_WRITES) {
        const batch = contents.slice(start, start + PARALLEL_WRITES)
        await allDone(batch.map(([name, bytes]) => this.#writeTemporary(name, bytes)))
      }
    } catch (error) {
      this.#mayHaveLeftovers = true
      // A full disk needs the space back now. What stays is swept by the next commit.
      await Promise.allSettled(contents.map(([name]) => this.#files.remove(this.#path(name) + TEMPORARY)))
      throw error
    }
  }

  async #writeTemporary(name: string, bytes: Uint8Array): Promise<void> {
    const file = await this.#files.create(this.#path(name) + TEMPORARY)
    try {
      await file.write(bytes)
      await this.#orStop(`sync ${name}`, () => file.sync())
    } finally {
      await file.close()
    }
  }

  #publish(name: string): Promise<void> {
    return this.#files.rename(this.#path(name) + TEMPORARY, this.#path(name))
  }

  async #sweep(referenced: Commit["referenced"]): Promise<void> {
    if (!this.#mayHaveLeftovers) return
    const kept = referenced()
    for (const kind of CONTENT_KINDS) {
      for (const name of await this.#files.list(this.#path(kind))) {
        const isLeftover = name.endsWith(TEMPORARY) || (OBJECT_NAME.test(name) && !kept[kind].has(name))
        if (isLeftover) await this.#files.remove(join(this.#path(kind), name))
      }
    }
    this.#mayHaveLeftovers = false
  }

  /** Nothing may be acknowledged after a failure in here, so nothing runs after it. */
  async #orStop(act: string, run: () => Promise<void>): Promise<void> {
    try {
      await run()
    } catch (cause) {
      this.#stop(new CoordinatorError("STORE_UNCERTAIN", `failed to ${act}: ${describe(cause)}`, { cause }))
    }
  }

  #path(name: string): string {
    return join(this.#directory, name)
  }
}

/** Like `Promise.all`, but returns or throws only when nothing is running any more. */
async function allDone(promises: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(promises)
  await Promise.all(promises)
}

/** The one border from the system's errors to ours. */
async function attempt<T>(act: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    if (FULL.includes(systemCode(cause))) {
      throw new CoordinatorError("STORE_FULL", `failed to ${act}: the disk is full, nothing was changed`, { cause })
    }
    throw new CoordinatorError("STORE", `failed to ${act}: ${describe(cause)}`, { cause })
  }
}

/** The system's code says enough, and the rest of its message holds a path. */
function describe(cause: unknown): string {
  return systemCode(cause) ?? "unexpected error"
}
