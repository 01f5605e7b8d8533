import { once } from "node:events"
import { type Invocation, launchProgram, type LaunchedProgram } from "./program.ts"

const WAIT_TIMEOUT_MS = 30_000

/** A program that runs until it is stopped. All it writes is kept. */
export class Service {
  readonly #child: LaunchedProgram
  readonly #ended: Promise<number | NodeJS.Signals>
  #output = ""
  #isRunning = true

  constructor(invocation: Invocation) {
    this.#child = launchProgram(invocation)
    this.#child.all.setEncoding("utf8").on("data", (text: string) => (this.#output += text))
    this.#ended = this.#child.then((result) => {
      this.#isRunning = false
      return result.exitCode ?? result.signal ?? "SIGKILL"
    })
  }

  get output(): string {
    return this.#output
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("expected a running program, but it did not start")
    return this.#child.pid
  }

  /** Its structured log so far; lines that are no JSON objects are passed over. */
  get log(): readonly LogLine[] {
    return this.#output.split("\n").flatMap(parseLogLine)
  }

  /** Waits until the program has written such a line, or fails with all that it wrote instead. */
  waitForLog(isWanted: (line: LogLine) => boolean): Promise<LogLine> {
    return this.#waitFor(() => this.log.find(isWanted))
  }

  async waitForOutput(text: RegExp): Promise<void> {
    await this.#waitFor(() => text.exec(this.#output) ?? undefined)
  }

  async #waitFor<Found>(find: () => Found | undefined): Promise<Found> {
    const deadline = AbortSignal.timeout(WAIT_TIMEOUT_MS)
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      if (!this.#isRunning || deadline.aborted) {
        throw new Error(`what was waited for did not come; the program wrote:\n${this.#output}`)
      }
      await Promise.race([once(this.#child.all, "data", { signal: deadline }).catch(() => undefined), this.#ended])
    }
  }

  /** Asks the program to end, and gives its exit code or the signal that ended it. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | NodeJS.Signals> {
    this.#child.kill(signal)
    return this.#ended
  }

  /** How the program ended, once it has. */
  ended(): Promise<number | NodeJS.Signals> {
    return this.#ended
  }
}

export type LogLine = Readonly<Record<string, unknown>>

function parseLogLine(line: string): readonly LogLine[] {
  if (!line.startsWith("{")) return []
  try {
    return [JSON.parse(line) as LogLine] // starts with a brace, so it is an object
  } catch {
    return []
  }
}
