/** Lines of one kind that may be written at once. */
const BURST = 100
/** How long each takes to come back. */
const REFILL_MS = 100

interface Kind {
  left: number
  sinceMs: number
  leftOut: number
}

/**
 * Bounds the lines that anybody can cause: a log that is flooded hides what it was kept for, and is written while everybody
 * waits.
 */
export class LineAllowance {
  readonly #kinds = new Map<string, Kind>()
  readonly #nowMs: () => number

  /** @param nowMs - A clock that only goes forward. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
  }

  /**
   * Takes a line of a kind, of which there may be few.
   *
   * @returns How many were left out before this one; `undefined` if this one is to be left out too.
   */
  take(name: string): number | undefined {
    const kind = this.#kinds.get(name) ?? { left: BURST, sinceMs: this.#nowMs(), leftOut: 0 }
    this.#kinds.set(name, kind)
    const refilled = Math.floor((this.#nowMs() - kind.sinceMs) / REFILL_MS)
    kind.left = Math.min(BURST, kind.left + refilled)
    kind.sinceMs += refilled * REFILL_MS
    if (kind.left === 0) {
      kind.leftOut += 1
      return undefined
    }
    kind.left -= 1
    const { leftOut } = kind
    kind.leftOut = 0
    return leftOut
  }
}
