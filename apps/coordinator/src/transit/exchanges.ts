import type { IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"

/** A request and its answer. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** What was asked last on each connection; answers leave in the order of the requests. */
export class Exchanges {
  readonly #latest = new WeakMap<Socket, Exchange>()

  /** Takes note of a request that is about to be handled. */
  began(request: IncomingMessage, response: ServerResponse): void {
    this.#latest.set(request.socket, { request, response })
  }

  latest(socket: Socket): Exchange | undefined {
    return this.#latest.get(socket)
  }

  /** Whether all that was asked on the connection is answered, and the answers have left. */
  isIdle(socket: Socket): boolean {
    return this.#latest.get(socket)?.response.writableFinished ?? true
  }
}
