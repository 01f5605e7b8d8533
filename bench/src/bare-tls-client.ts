import { once } from "node:events"
import { connect, createSecureContext, type SecureContext } from "node:tls"
import type { Credentials } from "./credentials.ts"

/** A client that does mutual TLS and nothing else. */
export class BareTlsClient {
  readonly #port: number
  readonly #context: SecureContext

  constructor(port: number, { key, cert }: Credentials) {
    this.#port = port
    this.#context = createSecureContext({ key, cert, minVersion: "TLSv1.3" })
  }

  /** One connection: both sides prove their keys, one byte comes back, both close. */
  async handshake(): Promise<void> {
    const socket = connect({
      host: "127.0.0.1",
      port: this.#port,
      secureContext: this.#context,
      rejectUnauthorized: false,
    })
    await once(socket, "data")
    socket.end()
    await once(socket, "close")
  }
}
