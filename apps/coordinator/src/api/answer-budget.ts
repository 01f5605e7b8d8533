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
  readonly peer: string
  readonly begin: () => void
  readonly giveUp: (reason: Error) => void
  state: "waiting" | "begun" | "over"
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
   * Waits for room for an answer, which is given back at the end of the call.
   *
   * @throws ProtocolError `CANCELLED` if the call ends before, `LIMIT` if another call of its connection has not ended.
   */
  async reserve(bytes: number, { peer, ended }: AnsweredCall): Promise<void> {
    if (this.#peers.has(peer)) throw new ProtocolError("LIMIT", "another answer is on its way over this connection")
    this.#peers.add(peer)
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const begin = (): void => {
      resolve(undefined)
    }
    const turn: Turn = { bytes: Math.min(bytes, this.#total), peer, begin, giveUp: reject, state: "waiting" }
    this.#waiting.add(turn)
    void ended.then(() => {
      this.#end(turn)
    })
    this.#admit()
    await promise
  }

  #end(turn: Turn): void {
    if (turn.state === "begun") this.#free += turn.bytes
    else turn.giveUp(new ProtocolError("CANCELLED", "the call ended before it could be answered"))
    turn.state = "over"
    this.#waiting.delete(turn)
    this.#peers.delete(turn.peer)
    this.#admit()
  }

  /** In the order in which they came: a large answer must not wait for ever behind small ones. */
  #admit(): void {
    for (const turn of this.#waiting) {
      if (turn.bytes > this.#free) return
      this.#waiting.delete(turn)
      this.#free -= turn.bytes
      turn.state = "begun"
      turn.begin()
    }
  }
}
