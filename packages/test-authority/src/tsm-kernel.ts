import path from "node:path"

/** What the played provider answers to a request. */
export interface TsmKernelAnswer {
  readonly outblob: Uint8Array
  readonly auxblob?: Uint8Array
}

/** How the played kernel is set up. */
export interface TsmKernelOptions {
  readonly directory: string
  /** Absent: no driver has registered, as in a machine that is no confidential guest. */
  readonly provider?: "sev_guest" | "tdx_guest" | (string & {})
  /** Absent: this provider knows no privilege levels. */
  readonly privilegeLevelFloor?: number
  /** Makes the evidence; called when an answer is read. */
  readonly answer: (reportData: Uint8Array) => TsmKernelAnswer
}

type Operation = "mkdir" | "rmdir" | "read" | "write"

interface Entry {
  generation: number
  inblob: Uint8Array | undefined
  /** The answer, and the generation that it belongs to. */
  answered: { readonly generation: number; readonly answer: TsmKernelAnswer } | undefined
}

const REPORT_DATA_BYTES = 64
const MAX_LEVEL = 3

/**
 * Plays Linux's configfs-tsm in memory (drivers/virt/coco, since Linux 6.7): attributes come and go with their entry, a
 * write counts the generation up, and reading an answer makes it. It has the file operations that an issuer takes.
 */
export class TsmKernel {
  /** Every operation on an attribute or entry so far, for example `write inblob`. */
  readonly operations: string[] = []
  readonly #options: TsmKernelOptions
  readonly #entries = new Map<string, Entry>()
  readonly #failures: { readonly operation: string; readonly code: string }[] = []

  constructor(options: TsmKernelOptions) {
    this.#options = options
  }

  /** Lets the next such operation fail, for example `read outblob` with `EBUSY`. */
  failNext(operation: string, code: string): void {
    this.#failures.push({ operation, code })
  }

  /** Writes other report data to every entry, as another process with the same rights could. */
  interfere(reportData: Uint8Array): void {
    for (const entry of this.#entries.values()) this.#setInblob(entry, reportData)
  }

  /** How many entries there are at this moment. */
  get entryCount(): number {
    return this.#entries.size
  }

  readonly exists = (place: string): Promise<boolean> => {
    const { directory } = this.#options
    return Promise.resolve(directory === place || directory.startsWith(`${place}/`) || this.#entries.has(place))
  }

  readonly makeDirectory = (place: string): Promise<void> =>
    this.#perform("mkdir", "entry", () => {
      if (path.dirname(place) !== this.#options.directory) throw systemError("ENOENT")
      if (this.#options.provider === undefined) throw systemError("ENXIO")
      if (this.#entries.has(place)) throw systemError("EEXIST")
      this.#entries.set(place, { generation: 0, inblob: undefined, answered: undefined })
    })

  readonly removeDirectory = (place: string): Promise<void> =>
    this.#perform("rmdir", "entry", () => {
      if (!this.#entries.delete(place)) throw systemError("ENOENT")
    })

  readonly write = (place: string, bytes: Uint8Array): Promise<void> =>
    this.#perform("write", path.basename(place), () => {
      const entry = this.#entryOf(place)
      if (path.basename(place) === "inblob") this.#setInblob(entry, bytes)
      else if (path.basename(place) === "privlevel") this.#setLevel(entry, Number(Buffer.from(bytes).toString()))
      else throw systemError("EACCES")
    })

  readonly read = (place: string, maxBytes: number): Promise<Uint8Array | undefined> =>
    this.#perform("read", path.basename(place), () => {
      const bytes = this.#attribute(this.#entryOf(place), path.basename(place))
      return bytes.length > maxBytes ? undefined : bytes
    })

  #attribute(entry: Entry, name: string): Uint8Array {
    const { provider = "", privilegeLevelFloor } = this.#options
    switch (name) {
      case "provider":
        return Buffer.from(`${provider}\n`)
      case "generation":
        return Buffer.from(`${entry.generation}\n`)
      case "outblob":
        return this.#answer(entry).outblob
      case "auxblob":
        return this.#answer(entry).auxblob ?? fail("ENOENT")
      case "privlevel_floor":
        return privilegeLevelFloor === undefined ? fail("ENOENT") : Buffer.from(`${privilegeLevelFloor}\n`)
      default:
        return fail("ENOENT")
    }
  }

  #answer(entry: Entry): TsmKernelAnswer {
    if (entry.inblob === undefined) throw systemError("EINVAL")
    if (entry.answered?.generation !== entry.generation) {
      entry.answered = { generation: entry.generation, answer: this.#options.answer(entry.inblob) }
    }
    return entry.answered.answer
  }

  #setInblob(entry: Entry, bytes: Uint8Array): void {
    if (bytes.length !== REPORT_DATA_BYTES) throw systemError("EINVAL")
    entry.inblob = bytes.slice()
    entry.generation += 1
  }

  #setLevel(entry: Entry, level: number): void {
    const { privilegeLevelFloor } = this.#options
    if (privilegeLevelFloor === undefined) throw systemError("ENOENT")
    if (!(level >= privilegeLevelFloor && level <= MAX_LEVEL)) throw systemError("EINVAL")
    entry.generation += 1
  }

  #entryOf(place: string): Entry {
    return this.#entries.get(path.dirname(place)) ?? fail("ENOENT")
  }

  async #perform<Result>(operation: Operation, name: string, act: () => Result): Promise<Result> {
    await Promise.resolve()
    const title = `${operation} ${name}`
    this.operations.push(title)
    const index = this.#failures.findIndex((failure) => failure.operation === title)
    const [failure] = index < 0 ? [] : this.#failures.splice(index, 1)
    if (failure !== undefined) throw systemError(failure.code)
    return act()
  }
}

function fail(code: string): never {
  throw systemError(code)
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code })
}
