import { readFile } from "node:fs/promises"
import { timeMs } from "./figure.ts"

/** Linux counts processor time in ticks of this length, whatever the machine. */
const TICK_MS = 10
/** Fields of /proc/PID/stat after the name of the program, as proc(5) numbers them from 3. */
const USER_TIME = 14 - 3
const SYSTEM_TIME = 15 - 3

/** Adds up how long work took, and how much processor time a server spent on it. */
export class Stopwatch {
  readonly #pid: number
  elapsedMs = 0
  processorMs = 0

  constructor(serverPid: number) {
    this.#pid = serverPid
  }

  async run(work: () => Promise<unknown>): Promise<void> {
    const before = await this.#processorMs()
    this.elapsedMs += await timeMs(work)
    this.processorMs += (await this.#processorMs()) - before
  }

  async #processorMs(): Promise<number> {
    const stat = await readFile(`/proc/${this.#pid}/stat`, "utf8")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return (Number(fields[USER_TIME]) + Number(fields[SYSTEM_TIME])) * TICK_MS
  }
}
