import type { Answer } from "./answer.ts"
import { waitAfter } from "./back-off.ts"

/** Time and chance. */
export interface Pace {
  readonly now: () => Date
  readonly sleep: (ms: number) => Promise<unknown>
  /** From 0 to 1. */
  readonly random: () => number
}

/** An attacker can make us ask; he cannot make us queue without end. */
const MAX_WAITING = 64
const REQUEST_TIMEOUT_MS = 30_000

/** Lets one question at a time through to a vendor, and none while the vendor is to be left alone. */
export class VendorGate {
  readonly #pace: Pace
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #failures = 0
  #closedUntilMs = 0
  #reason = ""

  constructor(pace: Pace) {
    this.#pace = pace
  }

  /**
   * Asks until there is an answer, or none can come before the deadline. What was learnt of the vendor's mood is kept
   * for the next question.
   *
   * @param get - Asks once, in so many milliseconds.
   */
  async ask(get: (timeoutMs: number) => Promise<Answer>, deadline: Date): Promise<Answer> {
    if (this.#waiting >= MAX_WAITING) return later("too many questions are waiting for it")
    this.#waiting += 1
    const turn = this.#last.then(() => this.#askInTurn(get, deadline.getTime()))
    this.#last = turn.catch(() => undefined)
    try {
      return await turn
    } finally {
      this.#waiting -= 1
    }
  }

  async #askInTurn(get: (timeoutMs: number) => Promise<Answer>, deadlineMs: number): Promise<Answer> {
    for (;;) {
      const nowMs = this.#nowMs()
      const opensMs = Math.max(nowMs, this.#closedUntilMs)
      if (opensMs >= deadlineMs) return later(this.#describePause(nowMs))
      if (opensMs > nowMs) await this.#pace.sleep(opensMs - nowMs)
      const answer = await get(Math.min(REQUEST_TIMEOUT_MS, deadlineMs - this.#nowMs()))
      if (answer.kind !== "later") {
        this.#failures = 0
        return answer
      }
      this.#leaveAlone(answer)
    }
  }

  #leaveAlone({ reason, retryAfterMs }: Extract<Answer, { kind: "later" }>): void {
    this.#failures += 1
    this.#reason = reason
    const waitMs = waitAfter({ failures: this.#failures, retryAfterMs, random: this.#pace.random() })
    this.#closedUntilMs = this.#nowMs() + waitMs
  }

  #describePause(nowMs: number): string {
    if (this.#closedUntilMs <= nowMs) return "no answer in time"
    const seconds = Math.ceil((this.#closedUntilMs - nowMs) / 1000)
    return `${this.#reason}; it is asked again in ${seconds} s at the earliest`
  }

  #nowMs(): number {
    return this.#pace.now().getTime()
  }
}

function later(reason: string): Answer {
  return { kind: "later", reason, retryAfterMs: undefined }
}
