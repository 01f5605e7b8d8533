import type { Writable } from "node:stream"

/** How an answer is watched. */
export interface AnswerOptions {
  /** How long the client may take next to nothing of it. */
  readonly answerStallMs: number
  /** It takes no more. Comes again each time until the answer has ended. */
  readonly stalled: () => void
}

/**
 * The answer of a call while the client takes it: as long as it does, memory and budgets wait for it.
 *
 * Our gRPC writes an answer in parts of 64 KiB, each when the one before it has left (see `patches`), which the stream tells by
 * `drain`. What else goes over the connection is no progress: clients choose how many pings there are to answer.
 */
export class OutgoingAnswer {
  readonly #stream: Writable
  readonly #timer: NodeJS.Timeout
  readonly #progress: () => void

  constructor(stream: Writable, { answerStallMs, stalled }: AnswerOptions) {
    this.#stream = stream
    this.#timer = setInterval(stalled, answerStallMs)
    this.#progress = () => {
      this.#timer.refresh()
    }
    stream.on("drain", this.#progress)
  }

  /** The client has the answer, or is gone. */
  end(): void {
    clearInterval(this.#timer)
    this.#stream.off("drain", this.#progress)
  }
}
