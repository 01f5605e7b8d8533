import { readdir, readFile } from "node:fs/promises"

const INTERVAL_MS = 15

/** Everything that anyone on this machine could read in the arguments and the environment of any process, while it watches. */
export class ProcessTable {
  readonly #seen = new Map<string, Buffer>()
  readonly #timer: NodeJS.Timeout
  #reading: Promise<void> = Promise.resolve()

  constructor() {
    this.#timer = setInterval(() => {
      this.#reading = this.#reading.then(() => this.#read())
    }, INTERVAL_MS)
  }

  /** What was seen, once each. */
  get seen(): readonly Buffer[] {
    return [...this.#seen.values()]
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#reading
  }

  async #read(): Promise<void> {
    const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name))
    const files = processes.flatMap((pid) => [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`])
    // A process may have ended meanwhile, or belong to somebody else.
    const contents = await Promise.all(files.map((file) => readFile(file).catch(() => Buffer.alloc(0))))
    for (const content of contents) this.#seen.set(content.toString("latin1"), content)
  }
}
