import type { Answer } from "./answer.ts"
import { waitAfter } from "./back-off.ts"

/** Time and chance. */
export interface Pace {
  readonly now: () => Date
  /** Ends early, in an error, when the signal is given. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<unknown>
  /** From 0 to 1. */
  readonly random: () => number
}

/** How a question came about: it is the same for all evidence, or evidence names what it is about. */
export type Origin = "common" | "evidence"

/** A question to a vendor. */
export interface Question {
  readonly origin: Origin
  /** No answer is of use after this. */
  readonly deadline: Date
  /** Asks once, in so many milliseconds. */
  readonly get: (timeoutMs: number) => Promise<Answer>
}

/** An attacker can make us ask, with evidence that names chips of his invention; he cannot make us queue without end. */
const MAX_WAITING = 64
const REQUEST_TIMEOUT_MS = 30_000

/**
 * Lets one question at a time through to a vendor, and none while the vendor is to be left alone. Questions that are the
 * same for all evidence go first: there are few of them, and invented evidence must not keep revocation lists away.
 */
export class VendorGate {
  readonly #pace: Pace & { readonly signal: AbortSignal }
  readonly #waiting: Readonly<Record<Origin, (() => void)[]>> = { common: [], evidence: [] }
  #isBusy = false
  #failures = 0
  #closedSinceMs = 0
  #pauseMs = 0
  #reason = ""

  /** @param pace - Its signal ends all questions. */
  constructor(pace: Pace & { readonly signal: AbortSignal }) {
    this.#pace = pace
  }

  /**
   * Asks until there is an answer, or none can come before the deadline. What was learnt of the vendor's mood is kept
   * for the next question.
   */
  async ask(question: Question): Promise<Answer> {
    const waiting = this.#waiting[question.origin]
    if (waiting.length >= MAX_WAITING) return later("too many questions are waiting for it")
    if (this.#isBusy) await new Promise<void>((resolve) => waiting.push(resolve))
    this.#isBusy = true
    try {
      return await this.#askInTurn(question)
    } finally {
      this.#letNextIn()
    }
  }

  /** Stays busy if somebody waits, so that nobody slips in between. */
  #letNextIn(): void {
    const next = this.#waiting.common.shift() ?? this.#waiting.evidence.shift()
    if (next === undefined) this.#isBusy = false
    else next()
  }

  async #askInTurn({ get, deadline }: Question): Promise<Answer> {
    const deadlineMs = deadline.getTime()
    const { sleep, signal } = this.#pace
    for (;;) {
      const nowMs = this.#nowMs()
      const opensMs = Math.max(nowMs, this.#closedUntilMs(nowMs))
      if (opensMs >= deadlineMs) return later(this.#describePause(nowMs))
      // Nothing but the signal makes a pause fail.
      if (opensMs > nowMs) await sleep(opensMs - nowMs, signal).catch(() => undefined)
      if (signal.aborted) return later("nobody waits for the answer any longer")
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
    this.#pauseMs = waitAfter({ failures: this.#failures, retryAfterMs, random: this.#pace.random() })
    this.#closedSinceMs = this.#nowMs()
  }

  /** After a clock that was ahead was set back, the pause begins anew: it must not last as long as the clock was ahead. */
  #closedUntilMs(nowMs: number): number {
    this.#closedSinceMs = Math.min(this.#closedSinceMs, nowMs)
    return this.#closedSinceMs + this.#pauseMs
  }

  #describePause(nowMs: number): string {
    const remainingMs = this.#closedUntilMs(nowMs) - nowMs
    if (remainingMs <= 0) return "no answer in time"
    const seconds = Math.ceil(remainingMs / 1000)
    return `${this.#reason}; it is asked again in ${seconds} s at the earliest`
  }

  #nowMs(): number {
    return this.#pace.now().getTime()
  }
}

function later(reason: string): Answer {
  return { kind: "later", reason, retryAfterMs: undefined }
}
