import { readdir, readFile } from "node:fs/promises"
import { setTimeout as delay } from "node:timers/promises"

const PAUSE_MS = 25

/** Everything that anyone on this machine could read in the arguments and the environment of any process, while it watches. */
export class ProcessTable {
  readonly #seen = new Map<string, Buffer>()
  readonly #watching: Promise<void>
  #isWatching = true

  constructor() {
    this.#watching = this.#watch()
  }

  /** What was seen, once each. */
  get seen(): readonly Buffer[] {
    return [...this.#seen.values()]
  }

  async stop(): Promise<void> {
    this.#isWatching = false
    await this.#watching
  }

  async #watch(): Promise<void> {
    while (this.#isWatching) {
      await this.#read()
      await delay(PAUSE_MS)
    }
  }

  async #read(): Promise<void> {
    const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name))
    const files = processes.flatMap((pid) => [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`])
    // A process may have ended meanwhile, or belong to somebody else.
    const contents = await Promise.all(files.map((file) => readFile(file).catch(() => Buffer.alloc(0))))
    for (const content of contents) this.#seen.set(content.toString("latin1"), content)
  }
}
