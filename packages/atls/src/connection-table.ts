import type { Socket } from "node:net"
import { ProtocolError } from "@contrast/protocol"
import { endpointOf } from "./endpoint.ts"
import type { ServerSession } from "./server-session.ts"

/** Where a connection stands: in the handshake, serving calls, or refusing each of them with a reason. */
export type ConnectionState =
  | { readonly kind: "handshake" }
  | { readonly kind: "open"; readonly session: ServerSession }
  | { readonly kind: "refused"; readonly reason: unknown }

/** A call while it is open. */
export interface OpenCall {
  /** Its request is there. */
  readonly complete: () => void
  /** It has ended. May come more than once. */
  readonly end: () => void
}

interface Connection {
  readonly endpoint: string
  readonly socket: Socket
  /** Those that are open. */
  readonly calls: Set<{ isComplete: boolean }>
  state: ConnectionState
}

const HANDSHAKE: ConnectionState = { kind: "handshake" }

/** Handshakes make room as long as they are so large a part of all connections. */
const HANDSHAKES_SHARE = 1 / 4

/** The open connections of a server, by their remote end, which is all that gRPC tells of a call's connection. */
export class ConnectionTable {
  /** Oldest first. */
  readonly #connections = new Map<string, Connection>()

  get size(): number {
    return this.#connections.size
  }

  /**
   * Enters a new connection, until it closes.
   *
   * @returns Whether it was entered. Two connections from the same address and port to two addresses of ours would be
   *   taken for each other, so the second one is not.
   */
  add(socket: Socket): boolean {
    const endpoint = endpointOf(socket)
    if (socket.remoteAddress === undefined || this.#connections.has(endpoint)) return false
    const connection: Connection = { endpoint, socket, state: HANDSHAKE, calls: new Set() }
    this.#connections.set(endpoint, connection)
    socket.once("close", () => {
      this.#remove(connection)
    })
    return true
  }

  /**
   * Closes the connection that is missed the least: the oldest in the handshake, the oldest without a call, or the oldest of
   * whose calls no request is complete. Anybody can open connections and say nothing, or begin calls and not go on; those who
   * come with something to say must not be kept out by them.
   *
   * @returns Whether there was one.
   */
  makeRoom(): boolean {
    const connections = [...this.#connections.values()]
    const handshakes = connections.filter(({ state }) => state.kind === "handshake")
    const settled = connections.filter(({ state }) => state.kind !== "handshake")
    const idle = settled.filter(({ calls }) => calls.size === 0)
    const receiving = settled.filter(({ calls }) => calls.size > 0 && [...calls].every(({ isComplete }) => !isComplete))
    // When nearly all connections are idle ones, an honest handshake would be the oldest before long.
    const isFullOfHandshakes = handshakes.length >= connections.length * HANDSHAKES_SHARE
    const [leaving] = isFullOfHandshakes ? handshakes : [...idle, ...receiving, ...handshakes]
    if (leaving === undefined) return false
    leaving.socket.destroy()
    this.#remove(leaving)
    return true
  }

  /** Notes that the connection from a remote end has a call more. */
  beginCall(endpoint: string): OpenCall {
    const calls = this.#connections.get(endpoint)?.calls
    const call = { isComplete: false }
    calls?.add(call)
    return {
      complete: () => {
        call.isComplete = true
      },
      end: () => {
        calls?.delete(call)
      },
    }
  }

  /** Notes what became of a connection; nothing if it has closed. */
  settle(socket: Socket, state: ConnectionState): void {
    const connection = this.#connections.get(endpointOf(socket))
    if (connection?.socket === socket) connection.state = state
  }

  /**
   * The session of the connection from a remote end.
   *
   * @throws ProtocolError `CANCELLED` if there is none.
   */
  sessionOf(endpoint: string): ServerSession {
    const state = this.#connections.get(endpoint)?.state
    if (state?.kind !== "open") throw new ProtocolError("CANCELLED", "the connection is gone")
    return state.session
  }

  /** Why calls over the connection from a remote end are refused, if they are. */
  refusalOf(endpoint: string): unknown {
    const state = this.#connections.get(endpoint)?.state
    return state?.kind === "refused" ? state.reason : undefined
  }

  /** Closes the connection from a remote end at once. */
  drop(endpoint: string): void {
    this.#connections.get(endpoint)?.socket.destroy()
  }

  /** Closes connections at once: all of them, or those still in the handshake. */
  destroy(which: "all" | "handshake"): void {
    for (const { socket, state } of this.#connections.values()) {
      if (which === "all" || state.kind === "handshake") socket.destroy()
    }
  }

  #remove(connection: Connection): void {
    if (this.#connections.get(connection.endpoint) === connection) this.#connections.delete(connection.endpoint)
  }
}
