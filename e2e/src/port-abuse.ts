import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { connect as connectTls } from "node:tls"

/** Sends bytes and waits until the server closes the connection; tells what it sent before that, or undefined if it did not close. */
export async function sendUntilClosed(port: number, bytes: Uint8Array, withinMs: number): Promise<Buffer | undefined> {
  const socket = await open(port)
  const answer = collect(socket)
  socket.write(bytes)
  const closed = await Promise.race([closeOf(socket), timeout(withinMs)])
  socket.destroy()
  return closed ? Buffer.concat(answer) : undefined
}

/** Sends one byte at a time, slowly, until the server has had enough; tells how long that took. */
export async function dripUntilClosed(
  port: number,
  bytes: Uint8Array,
  everyMs: number,
  withinMs: number,
): Promise<number | undefined> {
  const started = performance.now()
  const socket = await open(port)
  collect(socket)
  let next = 0
  const timer = setInterval(() => {
    socket.write(bytes.subarray(next % bytes.length, (next % bytes.length) + 1))
    next += 1
  }, everyMs)
  const closed = await Promise.race([closeOf(socket), timeout(withinMs)])
  clearInterval(timer)
  socket.destroy()
  return closed ? performance.now() - started : undefined
}

/** Opens connections, lets `act` begin something on each, and vanishes without a word. */
export async function vanish(port: number, count: number, act: (socket: Socket) => void): Promise<void> {
  const sockets = await Promise.all(Array.from({ length: count }, () => open(port)))
  for (const socket of sockets) act(socket)
  for (const socket of sockets) socket.resetAndDestroy()
}

/** Connections of one round of {@link abuseHttps}. */
const CONNECTIONS_A_ROUND = 40

/** Does what no client should to an HTTPS port, round after round, until `isOver`; tells how many rounds that were. */
export async function abuseHttps(port: number, isOver: () => boolean): Promise<number> {
  const acts: readonly ((socket: Socket) => void)[] = [
    () => undefined, // stays, and says nothing
    (socket) => socket.write("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"),
    (socket) => socket.write("\0garbage\r\n\r\n".repeat(1000)),
    (socket) => socket.destroy(),
  ]
  const opened: Socket[] = []
  let rounds = 0
  for (; !isOver(); rounds += 1) {
    const sockets = await Promise.all(Array.from({ length: CONNECTIONS_A_ROUND }, () => openTls(port, "http/1.1")))
    for (const [index, socket] of sockets.entries()) acts[index % acts.length]?.(socket)
    opened.push(...sockets)
  }
  for (const socket of opened) socket.destroy()
  return rounds
}

/** A TLS connection as a client without any claim, for what comes after the handshake. */
export async function openTls(port: number, protocol = "h2"): Promise<Socket> {
  const socket = connectTls({ host: "127.0.0.1", port, ALPNProtocols: [protocol], rejectUnauthorized: false })
  socket.on("error", () => undefined) // the server may end the connection at any time
  await once(socket, "secureConnect")
  return socket
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1")
  socket.on("error", () => undefined) // a reset is one way to be refused
  await once(socket, "connect")
  return socket
}

/** An error on the way does not matter, since the close comes after it. */
function closeOf(socket: Socket): Promise<true> {
  return new Promise((resolve) => {
    socket.on("close", () => {
      resolve(true)
    })
  })
}

function collect(socket: Socket): Buffer[] {
  const parts: Buffer[] = []
  socket.on("data", (part: Buffer) => parts.push(part))
  return parts
}

function timeout(milliseconds: number): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, false).unref())
}
