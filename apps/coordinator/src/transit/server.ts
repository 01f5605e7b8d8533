import type { IncomingMessage, ServerResponse } from "node:http"
import { createServer, type Server } from "node:https"
import type { AddressInfo, ListenOptions, Socket } from "node:net"
import type { SecureContextOptions } from "node:tls"
import { BodyBudget } from "./body.ts"
import { type Connections, watchConnections } from "./connections.ts"
import type { Engine } from "./engine.ts"
import type { EncryptionCounts } from "./encryption-counts.ts"
import { Epochs } from "./epoch.ts"
import { TransitError } from "./error.ts"
import { Exchanges } from "./exchanges.ts"
import { handle, type HandlerContext, type RequestEvents } from "./handler.ts"
import { type DeriveTransitKey, TransitKeys } from "./keys.ts"
import { protocolError, ProtocolErrors, type ParserError } from "./protocol-errors.ts"
import { createRandomPool } from "./random-pool.ts"
import type { ServerCredentials, TransitCoordinator } from "./state.ts"
import type { StrangerLimits } from "./strangers.ts"

/** Told what happens. Routes are labels of few values, IDs are not secret. */
export interface TransitEvents extends RequestEvents {
  handshakeFailed(): void
}

/** Bounds of the server. */
export interface TransitLimits extends StrangerLimits {
  /** Of all workloads; one of them may have an eighth. */
  readonly maxConnections: number
  readonly handshakeTimeoutMs: number
  /** For sending a request, and again for taking the answer. */
  readonly requestTimeoutMs: number
  readonly idleTimeoutMs: number
  /** Of all larger bodies and answers together, until the answers have left. */
  readonly maxBodyBytesInFlight: number
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
export interface TransitServer extends Connections {
  /** @returns The bound port. */
  listen(host: string, port: number): Promise<number>
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
    // The handler requires it, and answers in JSON.
    requireHostHeader: false,
  })
  server.maxConnections = limits.maxConnections

  const randomBytes = createRandomPool()
  const createEngine = (derive: DeriveTransitKey): Engine => ({ keys: new TransitKeys(derive), counts, randomBytes })
  const epochs = new Epochs(coordinator, createEngine, (epoch) => {
    server.setSecureContext(secureContext(epoch.credentials, epoch.state?.meshCaPem))
    server.closeIdleConnections()
  })
  const exchanges = new Exchanges()
  const connections = watchConnections(server, { epochs, exchanges, limits, events, now })
  answerRequests(server, exchanges, {
    availability: () => coordinator.availability(),
    admit: (socket: Socket) => epochs.admit(socket, now()),
    isIdentified: (socket: Socket) => epochs.identify(socket, now()) !== undefined,
    bodies: new BodyBudget(limits.maxBodyBytesInFlight),
    now,
    version: options.version,
    events,
  })
  return {
    listen: (host, port) => listen(server, { host, port, reusePort: sharesPort }),
    close: (graceMs) => connections.close(graceMs),
  }
}

/** Answers what the HTTP parser takes, and refuses what it does not. */
function answerRequests(server: Server, exchanges: Exchanges, context: HandlerContext): void {
  const protocolErrors = new ProtocolErrors(exchanges)
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    // One too many gets no answer: that would wait for those before it, and so would all requests that come behind.
    if (!exchanges.begin(request, response)) return void request.socket.destroy()
    void handle(context, request, response)
  }
  server.on("request", answer)
  server.on("checkExpectation", answer)
  server.on("connect", (request) => {
    protocolErrors.refuse(request.socket, new TransitError("METHOD", "no such method"))
  })
  server.on("clientError", (error: ParserError, socket: Socket) => {
    if (error.code === "ECONNRESET") return void socket.destroy()
    protocolErrors.refuse(socket, protocolError(error))
  })
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

async function listen(server: Server, address: ListenOptions): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(address, resolve)
  })
  return (server.address() as AddressInfo).port // bound to a host and port, so never a path
}
