import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import type { Metrics } from "./metrics.ts"

export interface ProbeOptions {
  /** Whether both gRPC ports are open. */
  readonly isStarted: () => boolean
  /** Whether there is a fresh state to serve from. */
  readonly isReady: () => boolean
  /** Served under `/metrics` if given. */
  readonly metrics: Pick<Metrics, "render" | "contentType"> | undefined
}

/** The plain HTTP port for the kubelet and Prometheus; it tells nothing that is secret. */
export interface ProbeServer {
  /** @returns The bound port. */
  listen(host: string, port: number): Promise<number>
  close(): Promise<void>
}

/** Beyond so many the oldest makes room: a kubelet that gets no answer takes a Coordinator for unready. */
const MAX_CONNECTIONS = 512
const REQUEST_TIMEOUT_MS = 5_000
const MAX_HEADER_BYTES = 8 * 1024

/** Creates the server of `/probe/startup`, `/probe/liveness`, `/probe/readiness` and `/metrics`. */
export function createProbeServer(options: ProbeOptions): ProbeServer {
  const server = createServer(
    {
      headersTimeout: REQUEST_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    (request, response) => void answer(options, request, response),
  )
  server.maxRequestsPerSocket = 1 // nobody stays
  keepToNewest(server, MAX_CONNECTIONS)
  return { listen: (host, port) => listen(server, host, port), close: () => close(server) }
}

function keepToNewest(server: Server, count: number): void {
  const sockets = new Set<Socket>()
  server.on("connection", (socket: Socket) => {
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
    const [oldest] = sockets
    if (sockets.size > count) oldest?.destroy()
  })
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly type?: string | undefined
}

async function answer(options: ProbeOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const isRead = request.method === "GET" || request.method === "HEAD"
  const { status, text, type } = isRead ? await find(options, request.url) : { status: 405, text: "not allowed\n" }
  response.writeHead(status, { "content-type": type ?? "text/plain; charset=utf-8" }).end(text)
}

async function find({ isStarted, isReady, metrics }: ProbeOptions, path: string | undefined): Promise<Answer> {
  if (path === "/probe/startup" || path === "/probe/liveness") {
    return isStarted() ? { status: 200, text: "started\n" } : { status: 503, text: "starting\n" }
  }
  if (path === "/probe/readiness") {
    return isReady() ? { status: 200, text: "ready\n" } : { status: 503, text: "no manifest is in force\n" }
  }
  if (path === "/metrics" && metrics !== undefined) {
    return { status: 200, text: await metrics.render(), type: metrics.contentType }
  }
  return { status: 404, text: "not found\n" }
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, host, resolve)
  })
  return (server.address() as AddressInfo).port // bound to a host and port, so never a path
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) =>
    server.close(() => {
      resolve()
    }),
  )
  server.closeAllConnections()
  await closed
}
