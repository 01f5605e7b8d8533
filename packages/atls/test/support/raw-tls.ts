import { once } from "node:events"
import { createConnection, createServer, type Server, type Socket } from "node:net"
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls"
import { closeLater } from "./stage.ts"

/** A TCP connection that is closed after the test, whatever becomes of it. */
export async function connectRaw(port: number): Promise<Socket> {
  const socket = createConnection({ port, host: "127.0.0.1", noDelay: true })
  socket.on("error", () => undefined)
  closeLater(() => {
    socket.destroy()
  })
  await once(socket, "connect")
  return socket
}

/** Everything that the other end still sends until it closes. */
export async function readToEnd(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on("data", (chunk: Buffer) => chunks.push(chunk))
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve))
  return Buffer.concat(chunks)
}

/** A TLS client of no particular manners; rejects with the error of OpenSSL. */
export async function handshake(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options })
  closeLater(() => {
    socket.destroy()
  })
  await once(socket, "secureConnect")
  socket.on("error", () => undefined)
  return socket
}

/** The ClientHello that Node sends for such options. */
export async function captureClientHello(options: ConnectionOptions): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>()
  const listener = createServer((socket) => {
    socket.on("error", () => undefined).once("data", resolve)
  })
  const port = await listenLocally(listener)
  const client = connectTls({ port, host: "127.0.0.1", ...options })
  closeLater(() => {
    client.destroy()
  })
  client.on("error", () => undefined)
  return promise
}

/** Listens until the end of the test. */
export async function listenLocally(listener: Server): Promise<number> {
  const sockets = new Set<Socket>()
  listener.on("connection", (socket: Socket) => sockets.add(socket))
  listener.listen(0, "127.0.0.1")
  closeLater(async () => {
    listener.close()
    for (const socket of sockets) socket.destroy()
    await once(listener, "close")
  })
  await once(listener, "listening")
  const address = listener.address()
  if (address === null || typeof address === "string") throw new TypeError("expected a port")
  return address.port
}
