import { ProtocolError } from "@contrast/protocol"

/** A call that waits for room, or has it. */
interface Turn {
  readonly bytes: number
  readonly begin: () => void
  readonly giveUp: (reason: Error) => void
  state: "waiting" | "begun" | "over"
}

/** Bounds the memory of large answers that clients have not taken yet: who asks when there is no room waits for its turn. */
export class AnswerBudget {
  readonly #total: number
  readonly #waiting = new Set<Turn>()
  #free: number

  /** @param bytes - Of all answers together. A larger one is given out when there is no other. */
  constructor(bytes: number) {
    this.#total = bytes
    this.#free = bytes
  }

  /**
   * Waits for room for an answer, which is given back at the end of the call.
   *
   * @throws ProtocolError `CANCELLED` if the call ends before.
   */
  async reserve(bytes: number, ended: Promise<void>): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const begin = (): void => {
      resolve(undefined)
    }
    const turn: Turn = { bytes: Math.min(bytes, this.#total), begin, giveUp: reject, state: "waiting" }
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
