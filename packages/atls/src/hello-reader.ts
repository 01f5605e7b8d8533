import type { Socket } from "node:net"
import { type ClientHello, parseClientHello } from "./client-hello.ts"
import { HandshakeError } from "./error.ts"

/**
 * Waits for the ClientHello of a connection and puts its bytes back, so that TLS finds them. How long is for the caller
 * to limit, by destroying the socket.
 *
 * @throws {@link HandshakeError} `CLIENT_HELLO`, `CLIENT_HELLO_SIZE`, or `CLOSED`.
 */
export function readClientHello(socket: Socket): Promise<ClientHello> {
  const { promise, resolve, reject } = Promise.withResolvers<ClientHello>()
  let received: Uint8Array = Buffer.alloc(0)
  const onData = (chunk: Buffer): void => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    try {
      const hello = parseClientHello(received)
      if (hello === undefined) return
      stop()
      socket.unshift(received)
      resolve(hello)
    } catch (error) {
      stop()
      reject(error)
    }
  }
  const onEnd = (): void => {
    stop()
    reject(new HandshakeError("CLOSED", "the client went away before its ClientHello"))
  }
  const stop = (): void => {
    socket.off("data", onData).off("end", onEnd).off("close", onEnd).pause()
  }
  socket.on("data", onData).on("end", onEnd).on("close", onEnd)
  return promise
}
