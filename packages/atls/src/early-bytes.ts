import type { Socket } from "node:net"

/** A client has nothing to say between its ClientHello and the server's answer. */
const MAX_EARLY_BYTES = 64 * 1024

/**
 * Works for a client whose bytes nobody reads meanwhile, and notices when it goes away, which a socket tells only while it is
 * read. What came early is put back, so that TLS finds it.
 *
 * @param work - Gets a signal that comes when the connection closes.
 */
export async function whileConnected<Result>(
  socket: Socket,
  work: (closed: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const closed = new AbortController()
  const early: Buffer[] = []
  let bytes = 0
  const onData = (chunk: Buffer): void => {
    early.push(chunk)
    bytes += chunk.length
    if (bytes > MAX_EARLY_BYTES) socket.pause()
  }
  const onClose = (): void => {
    closed.abort()
  }
  socket.on("data", onData).on("close", onClose).resume()
  if (socket.destroyed) onClose()
  try {
    return await work(closed.signal)
  } finally {
    socket.off("data", onData).off("close", onClose).pause()
    if (bytes > 0 && !socket.readableEnded) socket.unshift(Buffer.concat(early))
  }
}
