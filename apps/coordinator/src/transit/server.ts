import { createServer, type Server } from "node:https"
import type { AddressInfo, ListenOptions, Socket } from "node:net"
import type { Duplex } from "node:stream"
import type { SecureContextOptions } from "node:tls"
import type { Engine } from "./engine.ts"
import type { EncryptionCounts } from "./encryption-counts.ts"
import { Epochs } from "./epoch.ts"
import { handle, type RequestEvents } from "./handler.ts"
import { type DeriveTransitKey, TransitKeys } from "./keys.ts"
import { createRandomPool } from "./random-pool.ts"
import type { ServerCredentials, TransitCoordinator } from "./state.ts"

/** Told what happens. Routes are labels of few values, IDs are not secret. */
export interface TransitEvents extends RequestEvents {
  handshakeFailed(): void
}

/** Bounds of the server. */
export interface TransitLimits {
  readonly maxConnections: number
  readonly handshakeTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly idleTimeoutMs: number
}

/** Options of {@link createTransitServer}. */
export interface TransitServerOptions {
  readonly coordinator: TransitCoordinator
  readonly events: TransitEvents
  readonly now: () => Date
  /** Reported by `sys/health`. */
  readonly version: string
  readonly limits: TransitLimits
  /** What keys have encrypted is counted here. */
  readonly counts: EncryptionCounts
  /** Other servers of this process listen on the same port. */
  readonly sharesPort?: boolean
}

/** The transit API, listening or about to. */
export interface TransitServer {
  /** @returns The bound port. */
  listen(host: string, port: number): Promise<number>
  /** Stops accepting, lets requests finish for `graceMs`, then closes every connection. */
  close(graceMs: number): Promise<void>
}

const MAX_HEADER_BYTES = 16 * 1024

/** How often Node looks for connections past their time. */
const TIMEOUT_CHECK_MS = 1000

/**
 * Creates the Vault-compatible transit API: HTTPS by the mesh PKI, client certificates verified against the mesh CA
 * of the current manifest. A connection made under an earlier state is told to connect again.
 */
export function createTransitServer(options: TransitServerOptions): TransitServer {
  const { coordinator, events, limits, now, counts, sharesPort = false } = options
  const server = createServer({
    ...secureContext(coordinator.issueInterimCredentials(), undefined),
    requestCert: true,
    // Whoever has no valid certificate may still ask for the health; every other request is refused by itself.
    rejectUnauthorized: false,
    handshakeTimeout: limits.handshakeTimeoutMs,
    headersTimeout: limits.requestTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    keepAliveTimeout: limits.idleTimeoutMs,
    maxHeaderSize: MAX_HEADER_BYTES,
  })
  server.maxConnections = limits.maxConnections

  const randomBytes = createRandomPool()
  const createEngine = (derive: DeriveTransitKey): Engine => ({ keys: new TransitKeys(derive), counts, randomBytes })
  const epochs = new Epochs(coordinator, createEngine, (epoch) => {
    server.setSecureContext(secureContext(epoch.credentials, epoch.state?.meshCaPem))
    server.closeIdleConnections()
  })
  const sockets = new Set<Duplex>()
  // Before the TLS layer's own listener, so that a new connection meets the context of the current state.
  server.prependListener("connection", (socket) => {
    epochs.current(now())
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
  })
  server.on("secureConnection", (socket) => {
    epochs.connected(socket, now())
  })
  server.on("tlsClientError", (_error, socket) => {
    events.handshakeFailed()
    socket.destroy()
  })
  server.on("clientError", refuseGarbage)
  const context = {
    availability: () => coordinator.availability(),
    admit: (socket: Socket) => epochs.admit(socket, now()),
    now,
    version: options.version,
    events,
  }
  server.on("request", (request, response) => void handle(context, request, response))
  return {
    listen: (host, port) => listen(server, { host, port, reusePort: sharesPort }),
    close: (graceMs) => close(server, sockets, graceMs),
  }
}

function secureContext(
  { key, certificateChainPem }: ServerCredentials,
  meshCaPem: string | undefined,
): SecureContextOptions {
  return {
    key: key.export({ type: "pkcs8", format: "pem" }),
    cert: certificateChainPem,
    // Without a mesh CA nobody's certificate is good: an empty list, where none at all would mean the system's roots.
    ca: meshCaPem === undefined ? [] : [meshCaPem],
    minVersion: "TLSv1.3",
    ecdhCurve: "X25519MLKEM768:X25519:P-256:P-384",
  }
}

/** What is not HTTP, or too slow or too long, gets one answer and no second chance. */
function refuseGarbage(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy()
  const body = JSON.stringify({ errors: ["malformed HTTP request"] })
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  )
}

async function listen(server: Server, address: ListenOptions): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(address, resolve)
  })
  return (server.address() as AddressInfo).port // bound to a host and port, so never a path
}

async function close(server: Server, sockets: ReadonlySet<Duplex>, graceMs: number): Promise<void> {
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
