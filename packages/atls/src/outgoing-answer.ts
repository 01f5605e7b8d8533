/** Less than this in the time is no progress: also pings and window updates are bytes that a client takes. */
const MIN_PROGRESS_BYTES = 64 * 1024

/** How an answer is watched. */
export interface AnswerOptions {
  /** How long the client may take next to nothing of it. */
  readonly answerStallMs: number
  /** How much the client has taken over its connection so far. */
  readonly bytesTaken: () => number
  /** It takes no more. Comes again each time until the answer has ended. */
  readonly stalled: () => void
}

/** The answer of a call while the client takes it: as long as it does, memory and budgets wait for it. */
export class OutgoingAnswer {
  readonly #timer: NodeJS.Timeout

  constructor({ answerStallMs, bytesTaken, stalled }: AnswerOptions) {
    let before = bytesTaken()
    this.#timer = setInterval(() => {
      const taken = bytesTaken()
      if (taken - before < MIN_PROGRESS_BYTES) stalled()
      before = taken
    }, answerStallMs)
  }

  /** The client has the answer, or is gone. */
  end(): void {
    clearInterval(this.#timer)
  }
}
