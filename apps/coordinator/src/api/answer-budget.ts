import { ProtocolError } from "@contrast/protocol"

/** A call that is to be answered. */
export interface AnsweredCall {
  /** The connection that it came over. */
  readonly peer: string
  /** Resolves at its end. */
  readonly ended: Promise<void>
}

/** A call that waits for room, or has it. */
interface Turn {
  readonly bytes: number
  readonly begin: () => void
}

/**
 * Bounds the memory of large answers that clients have not taken yet: who asks when there is no room waits for its turn. One
 * connection waits for one answer at a time, so that those who take none cannot fill the queue with a few.
 */
export class AnswerBudget {
  readonly #total: number
  readonly #waiting = new Set<Turn>()
  readonly #peers = new Set<string>()
  #free: number

  /** @param bytes - Of all answers together. A larger one is given out when there is no other. */
  constructor(bytes: number) {
    this.#total = bytes
    this.#free = bytes
  }

  /**
   * Waits for room for an answer, and has it made. The room is given back when the call has ended and nobody works at its
   * answer any more, whichever is later: clients can end calls faster than answers are made.
   *
   * @param make - Makes the answer. Its signal comes when the call has ended, and nobody needs the answer.
   * @throws ProtocolError `CANCELLED` if the call ends before, `LIMIT` if another call of its connection has not ended.
   */
  async answer<T>(bytes: number, { peer, ended }: AnsweredCall, make: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#peers.has(peer)) throw new ProtocolError("LIMIT", "another answer is on its way over this connection")
    this.#peers.add(peer)
    const end = new AbortController()
    void ended.then(() => {
      end.abort(new ProtocolError("CANCELLED", "the call ended before it could be answered"))
    })
    const room = Math.min(bytes, this.#total)
    try {
      await this.#wait(room, end.signal)
    } catch (error) {
      this.#peers.delete(peer)
      throw error
    }
    try {
      return await make(end.signal)
    } finally {
      void ended.then(() => {
        this.#peers.delete(peer)
        this.#free += room
        this.#admit()
      })
    }
  }

  /** Waits for so much room, which is taken then. */
  async #wait(bytes: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const begin = (): void => {
      resolve(undefined)
    }
    const turn: Turn = { bytes, begin }
    signal.addEventListener("abort", () => {
      if (!this.#waiting.delete(turn)) return
      reject(signal.reason)
      this.#admit()
    })
    this.#waiting.add(turn)
    this.#admit()
    await promise
  }

  /** In the order in which they came: a large answer must not wait for ever behind small ones. */
  #admit(): void {
    for (const turn of this.#waiting) {
      if (turn.bytes > this.#free) return
      this.#waiting.delete(turn)
      this.#free -= turn.bytes
      turn.begin()
    }
  }
}
