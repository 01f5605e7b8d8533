import type { ServerResponse } from "node:http"
import type { Socket } from "node:net"
import type { Exchanges } from "./exchanges.ts"

/**
 * Answers that have been given and have not left. A client that does not read leaves them in our memory, and none of Node's
 * time limits is about that. They are looked for now and then, for a timer or a listener of each costs a good part of a small
 * request.
 */
export class UntakenAnswers {
  readonly #exchanges: Exchanges
  readonly #timeoutMs: number
  readonly #seenMs = new WeakMap<ServerResponse, number>()

  /** @param timeoutMs - How long a client may take over an answer from when it is first seen waiting. */
  constructor(exchanges: Exchanges, timeoutMs: number) {
    this.#exchanges = exchanges
    this.#timeoutMs = timeoutMs
  }

  /** Closes those of the connections whose latest answer has waited for too long. */
  look(sockets: Iterable<Socket>): void {
    const nowMs = performance.now()
    for (const socket of sockets) {
      const response = this.#exchanges.latest(socket)?.response
      if (response !== undefined && this.#isOverdue(response, nowMs)) socket.destroy()
    }
  }

  #isOverdue(response: ServerResponse, nowMs: number): boolean {
    if (!response.writableEnded || response.writableFinished) return false
    const seenMs = this.#seenMs.get(response)
    if (seenMs !== undefined) return nowMs - seenMs >= this.#timeoutMs
    this.#seenMs.set(response, nowMs)
    return false
  }
}
