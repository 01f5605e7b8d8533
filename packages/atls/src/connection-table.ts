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
  readonly endpoint: string
  readonly socket: Socket
  /** How many calls are open. */
  calls: number
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
    const connection: Connection = { endpoint, socket, state: HANDSHAKE, calls: 0 }
    this.#connections.set(endpoint, connection)
    socket.once("close", () => {
      this.#remove(connection)
    })
    return true
  }

  /**
   * Closes the connection that is missed the least: the oldest in the handshake, or the oldest without a call. Anybody can
   * open connections and say nothing; those who come with something to say must not be kept out by them.
   *
   * @returns Whether there was one.
   */
  makeRoom(): boolean {
    const connections = [...this.#connections.values()]
    const handshakes = connections.filter(({ state }) => state.kind === "handshake")
    const idle = connections.filter(({ state, calls }) => state.kind !== "handshake" && calls === 0)
    // When nearly all connections are idle ones, an honest handshake would be the oldest before long.
    const isFullOfHandshakes = handshakes.length >= connections.length * HANDSHAKES_SHARE
    const [leaving] = isFullOfHandshakes ? handshakes : [...idle, ...handshakes]
    if (leaving === undefined) return false
    leaving.socket.destroy()
    this.#remove(leaving)
    return true
  }

  /** Notes that the connection from a remote end has a call more. @returns what to do at its end, once or more often. */
  beginCall(endpoint: string): () => void {
    const connection = this.#connections.get(endpoint)
    if (connection === undefined) return () => undefined
    let isOpen = true
    connection.calls += 1
    return () => {
      if (isOpen) connection.calls -= 1
      isOpen = false
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

  /** How many bytes the system has taken to send over the connection from a remote end. */
  bytesTaken(endpoint: string): number {
    const socket = this.#connections.get(endpoint)?.socket
    return socket === undefined ? 0 : socket.bytesWritten - queuedBytes(socket)
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

/**
 * Node counts bytes as written once they are in the queue, and tells of the queue on the handle only, which it keeps to itself.
 * Without it an answer that fits the client's window would seem to make no progress.
 */
function queuedBytes(socket: Socket): number {
  const handle: unknown = "_handle" in socket ? socket._handle : undefined
  if (typeof handle !== "object" || handle === null || !("writeQueueSize" in handle)) return 0
  return Number(handle.writeQueueSize)
}
