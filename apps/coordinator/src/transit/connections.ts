import type { Server } from "node:https"
import type { Socket } from "node:net"
import type { TLSSocket } from "node:tls"
import type { Epochs } from "./epoch.ts"
import type { Exchanges } from "./exchanges.ts"
import { Strangers, type StrangerLimits } from "./strangers.ts"
import { UntakenAnswers } from "./untaken-answers.ts"
import { WorkloadConnections } from "./workload-connections.ts"

/** One workload may have this part of all connections. */
const WORKLOAD_SHARE = 1 / 8

/** How often answers that nobody takes are looked for. */
const LOOK_EVERY_MS = 1000

/** What {@link watchConnections} needs to know. */
export interface ConnectionsContext {
  readonly epochs: Epochs
  readonly exchanges: Exchanges
  readonly limits: StrangerLimits & { readonly maxConnections: number; readonly requestTimeoutMs: number }
  readonly events: { handshakeFailed(): void }
  readonly now: () => Date
}

/** All connections of a server. */
export interface Connections {
  /** Stops accepting, lets requests finish for `graceMs`, then closes every connection. */
  close(graceMs: number): Promise<void>
}

/** Follows the connections of a server from their first byte on: whose they are, and under which state they were made. */
export function watchConnections(server: Server, context: ConnectionsContext): Connections {
  const { epochs, exchanges, limits, events, now } = context
  const strangers = new Strangers(limits)
  const workloads = new WorkloadConnections(Math.ceil(limits.maxConnections * WORKLOAD_SHARE), exchanges)
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
    const identity = epochs.identify(socket, now())
    if (identity === undefined) return
    strangers.identified(socket)
    workloads.identified(identity.owner, socket)
  })
  watchAnswers(server, context)
  server.on("tlsClientError", (_error, socket) => {
    events.handshakeFailed()
    socket.destroy()
  })
  return { close: (graceMs) => close(server, sockets, graceMs) }
}

function watchAnswers(server: Server, { exchanges, limits }: ConnectionsContext): void {
  const untaken = new UntakenAnswers(exchanges, limits.requestTimeoutMs)
  const sockets = new Set<TLSSocket>()
  server.on("secureConnection", (socket) => {
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
  })
  const timer = setInterval(() => {
    untaken.look(sockets)
  }, LOOK_EVERY_MS).unref()
  server.once("close", () => {
    clearInterval(timer)
  })
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
