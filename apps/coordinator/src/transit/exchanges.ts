import type { IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"

/** A request and its answer. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/**
 * A client asks for one thing at a time. It may have its answer, and ask for the next, before we know that the answer has
 * left; whoever sends requests ahead of that would have us keep all of them.
 */
const MAX_OPEN = 2

/** What was asked on each connection, and is not answered yet; answers leave in the order of the requests. */
export class Exchanges {
  /** Oldest first; the last one stays when it is over. */
  readonly #open = new WeakMap<Socket, readonly Exchange[]>()

  /**
   * Takes note of a request that is about to be handled.
   *
   * @returns Whether it may be; if not, it is one more than a connection may have, and nothing is kept of it.
   */
  begin(request: IncomingMessage, response: ServerResponse): boolean {
    const open = (this.#open.get(request.socket) ?? []).filter((exchange) => !exchange.response.writableFinished)
    if (open.length >= MAX_OPEN) return false
    this.#open.set(request.socket, [...open, { request, response }])
    return true
  }

  latest(socket: Socket): Exchange | undefined {
    return this.#open.get(socket)?.at(-1)
  }

  /** Whether all that was asked on the connection is answered, and the answers have left. */
  isIdle(socket: Socket): boolean {
    return this.latest(socket)?.response.writableFinished ?? true
  }
}
