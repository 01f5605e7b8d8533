import { dirname } from "node:path"
import { DIRECTORY_MODE, FILE_MODE, type Files, type NewFile } from "../../src/history/files.ts"

interface Inode {
  /** As a reader sees it now. */
  volatile: Uint8Array
  /** As it is after a power failure. */
  durable: Uint8Array
}

/** What happens at the chosen operation: the machine stops, or the operation fails with a code of the system. */
export type Fault = "stop" | { readonly code: string }

/** Thrown by every operation from the moment at which the machine stopped. */
export class MachineStopped extends Error {}

/** Decides for one name or content that was not synced whether the crash kept it. */
export type Survival = (path: string) => boolean

/**
 * A disk that forgets: contents and names are durable only once they were synced, each by itself, and any operation
 * can be made to fail or to be the last.
 */
export class CrashFiles implements Files {
  readonly #names = new Map<string, Inode>()
  readonly #durableNames = new Map<string, Inode>()
  readonly #directories = new Set<string>(["/data"])
  readonly #durableDirectories = new Set<string>(["/data"])
  /** Those that are not as we make them. A crash keeps them: a journal has changes of modes in their order. */
  readonly #modes = new Map<string, number>()
  #faultAt = Infinity
  #fault: Fault = "stop"
  #stopped = false
  /** Operations so far. */
  operations = 0

  /** From now on, the `at`-th operation (from 0) meets the fault. */
  failAt(at: number, fault: Fault): void {
    this.#faultAt = this.operations + at
    this.#fault = fault
  }

  /** Leaves everything readable to others, as another release does. */
  expose(): void {
    for (const path of this.#directories) this.#modes.set(path, 0o755)
    for (const path of this.#names.keys()) this.#modes.set(path, 0o644)
  }

  /** Files and directories, whose modes are not ours. */
  exposed(): readonly string[] {
    return [...this.#modes.keys()].sort()
  }

  stop(): void {
    this.#stopped = true
  }

  /** The disk as the next start finds it. */
  afterCrash(survives: Survival): CrashFiles {
    const next = new CrashFiles()
    for (const path of this.#directories) {
      const isHeld = this.#durableDirectories.has(path) || survives(path)
      if (isHeld && next.#directories.has(dirname(path))) next.#makeDurableDirectory(path)
    }
    for (const path of new Set([...this.#names.keys(), ...this.#durableNames.keys()])) {
      const inode = survives(path) ? this.#names.get(path) : this.#durableNames.get(path)
      if (inode === undefined || !next.#directories.has(dirname(path))) continue
      const content = survives(`content of ${path}`) ? inode.volatile : inode.durable
      const copy = { volatile: content, durable: content }
      next.#names.set(path, copy)
      next.#durableNames.set(path, copy)
    }
    for (const [path, mode] of this.#modes) next.#modes.set(path, mode)
    return next
  }

  paths(): readonly string[] {
    return [...this.#names.keys()].sort()
  }

  async read(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    await this.#operate()
    return this.#names.get(path)?.volatile.slice(0, maxBytes)
  }

  async list(directory: string): Promise<readonly string[]> {
    await this.#operate()
    return this.paths()
      .filter((path) => dirname(path) === directory)
      .map((path) => path.slice(directory.length + 1))
  }

  async create(path: string): Promise<NewFile> {
    await this.#operate()
    if (!this.#directories.has(dirname(path))) throw systemError("ENOENT")
    const inode = this.#names.get(path) ?? { volatile: new Uint8Array(0), durable: new Uint8Array(0) }
    inode.volatile = new Uint8Array(0)
    this.#names.set(path, inode)
    return {
      write: async (bytes) => {
        await this.#operate()
        inode.volatile = bytes.slice()
      },
      sync: async () => {
        await this.#operate()
        inode.durable = inode.volatile
      },
      close: () => this.#operate(),
    }
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#operate()
    const inode = this.#names.get(from)
    if (inode === undefined) throw systemError("ENOENT")
    this.#names.delete(from)
    this.#names.set(to, inode)
  }

  async remove(path: string): Promise<void> {
    await this.#operate()
    this.#names.delete(path)
  }

  async makeDirectory(path: string): Promise<boolean> {
    await this.#operate()
    const isMissing = !this.#directories.has(path)
    this.#directories.add(path)
    return isMissing
  }

  async syncDirectory(path: string): Promise<void> {
    await this.#operate()
    for (const name of [...this.#durableNames.keys()]) {
      if (dirname(name) === path && !this.#names.has(name)) this.#durableNames.delete(name)
    }
    for (const [name, inode] of this.#names) if (dirname(name) === path) this.#durableNames.set(name, inode)
    for (const directory of this.#directories) {
      if (dirname(directory) === path) this.#durableDirectories.add(directory)
    }
  }

  async mode(path: string): Promise<number> {
    await this.#operate()
    return this.#modes.get(path) ?? this.#ownMode(path)
  }

  async setMode(path: string, mode: number): Promise<void> {
    await this.#operate()
    if (mode === this.#ownMode(path)) this.#modes.delete(path)
    else this.#modes.set(path, mode)
  }

  #ownMode(path: string): number {
    return this.#directories.has(path) ? DIRECTORY_MODE : FILE_MODE
  }

  #makeDurableDirectory(path: string): void {
    this.#directories.add(path)
    this.#durableDirectories.add(path)
  }

  async #operate(): Promise<void> {
    await Promise.resolve()
    if (this.#stopped) throw new MachineStopped()
    if (this.operations++ !== this.#faultAt) return
    if (this.#fault !== "stop") throw systemError(this.#fault.code)
    this.#stopped = true
    throw new MachineStopped()
  }
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code })
}
