import type { Socket } from "node:net"
import { ProtocolError } from "@contrast/protocol"
import { endpointOf } from "./endpoint.ts"
import type { ServerSession } from "./server-session.ts"

/** Where a connection stands: in the handshake, serving calls, or refusing each of them with a reason. */
export type ConnectionState =
  | { readonly kind: "handshake" }
  | { readonly kind: "open"; readonly session: ServerSession }
  | { readonly kind: "refused"; readonly reason: unknown }

interface Connection {
  readonly socket: Socket
  state: ConnectionState
}

const HANDSHAKE: ConnectionState = { kind: "handshake" }

/** The open connections of a server, by their remote end, which is all that gRPC tells of a call's connection. */
export class ConnectionTable {
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
    this.#connections.set(endpoint, { socket, state: HANDSHAKE })
    socket.once("close", () => this.#connections.delete(endpoint))
    return true
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
}
