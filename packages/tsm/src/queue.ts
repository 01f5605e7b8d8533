import { TsmError } from "./error.ts"

/** Lets one task run at a time, in the order in which they came, and a few wait. */
export class Queue {
  readonly #maxWaiting: number
  readonly #waiting = new Set<PromiseWithResolvers<undefined>>()
  #isBusy = false

  /** @param maxWaiting - Besides the one that runs. */
  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting
  }

  /**
   * Runs a task at its turn.
   *
   * @param signal - Nobody wants the result any more. A task that runs goes on.
   * @throws {@link TsmError} `LIMIT` if too many wait, `CANCELLED` if the signal came before its turn; what the task throws.
   */
  async run<Result>(task: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    if (signal?.aborted) throw cancelled()
    if (this.#isBusy) await this.#turn(signal)
    this.#isBusy = true
    try {
      return await task()
    } finally {
      this.#next()
    }
  }

  async #turn(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.size >= this.#maxWaiting) {
      throw new TsmError("LIMIT", `${this.#maxWaiting} requests for evidence are waiting already`)
    }
    const turn = Promise.withResolvers<undefined>()
    // It leaves at once: whoever went away must not keep a place from others.
    const leave = (): void => {
      if (this.#waiting.delete(turn)) turn.reject(cancelled())
    }
    signal?.addEventListener("abort", leave)
    this.#waiting.add(turn)
    try {
      await turn.promise
    } finally {
      signal?.removeEventListener("abort", leave)
    }
  }

  #next(): void {
    const [turn] = this.#waiting
    // Busy until then as well, or a newcomer would come between.
    this.#isBusy = turn !== undefined
    if (turn === undefined) return
    this.#waiting.delete(turn)
    turn.resolve(undefined)
  }
}

function cancelled(): TsmError {
  return new TsmError("CANCELLED", "nobody waits for the evidence any more")
}
