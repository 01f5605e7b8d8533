import type { Server } from "node:https"
import type { Socket } from "node:net"
import type { Epochs } from "./epoch.ts"
import { Strangers, type StrangerLimits } from "./strangers.ts"

/** What {@link watchConnections} needs to know. */
export interface ConnectionsContext {
  readonly epochs: Epochs
  readonly limits: StrangerLimits
  readonly events: { handshakeFailed(): void }
  readonly now: () => Date
}

/** All connections of a server. */
export interface Connections {
  /** Stops accepting, lets requests finish for `graceMs`, then closes every connection. */
  close(graceMs: number): Promise<void>
}

/** Follows the connections of a server from their first byte on: whose they are, and under which state they were made. */
export function watchConnections(server: Server, { epochs, limits, events, now }: ConnectionsContext): Connections {
  const strangers = new Strangers(limits)
  const sockets = new Set<Socket>()
  // Before the TLS layer's own listener, so that a new connection meets the context of the current state.
  server.prependListener("connection", (socket: Socket) => {
    epochs.current(now())
    strangers.arrived(socket)
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
  })
  server.on("secureConnection", (socket) => {
    epochs.connected(socket, now())
    if (epochs.isIdentified(socket, now())) strangers.identified(socket)
  })
  server.on("tlsClientError", (_error, socket) => {
    events.handshakeFailed()
    socket.destroy()
  })
  return { close: (graceMs) => close(server, sockets, graceMs) }
}

async function close(server: Server, sockets: ReadonlySet<Socket>, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve()
    })
  })
  server.closeIdleConnections()
  // Those that are still in the handshake are no HTTP connections yet, so the server would wait for them.
  const deadline = setTimeout(() => {
    for (const socket of sockets) socket.destroy()
  }, graceMs)
  await closed
  clearTimeout(deadline)
}
