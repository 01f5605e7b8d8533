import type { KeyObject } from "node:crypto"
import type { Socket } from "node:net"
import { createServer, type Server, type TLSSocket } from "node:tls"
import { type Certificate, certificatePem } from "@contrast/crypto"
import { endpointOf } from "./endpoint.ts"
import { HandshakeError } from "./error.ts"
import { HTTP2_PROTOCOL } from "./handshake-nonce.ts"
import { TLS_OPTIONS } from "./tls-options.ts"

/** What the server shows in its handshakes. */
export interface TlsCredentials {
  readonly key: KeyObject
  readonly certificate: Certificate
  /** Whose name goes into the certificate request, if any name does. */
  readonly acceptableCa?: Certificate
}

/** Ends TLS for connections that somebody else accepted. Building one takes half a millisecond. */
export class TlsTerminator {
  readonly #server: Server
  readonly #pending = new Map<string, PromiseWithResolvers<TLSSocket>>()

  constructor({ key, certificate, acceptableCa }: TlsCredentials) {
    this.#server = createServer({
      ...TLS_OPTIONS,
      key: key.export({ type: "pkcs8", format: "pem" }),
      cert: certificatePem(certificate),
      ca: acceptableCa ? certificatePem(acceptableCa) : [],
      ALPNProtocols: [HTTP2_PROTOCOL],
      requestCert: true,
      // Client certificates are self-signed, which TLS cannot judge: see peer-certificate.ts.
      rejectUnauthorized: false,
    })
    this.#server.on("secureConnection", (socket) => {
      this.#pending.get(endpointOf(socket))?.resolve(socket)
    })
    this.#server.on("tlsClientError", (cause, socket) => {
      this.#pending.get(endpointOf(socket))?.reject(new HandshakeError("TLS", cause.message, { cause }))
    })
  }

  /**
   * Makes the handshake. The caller sees to it that no two connections with the same remote end are open at a time, and
   * limits the time by destroying the socket.
   *
   * @throws {@link HandshakeError} `TLS`, `CLOSED`.
   */
  async terminate(socket: Socket): Promise<TLSSocket> {
    if (socket.destroyed) throw new HandshakeError("CLOSED", "the client went away before the handshake")
    const endpoint = endpointOf(socket)
    const handshake = Promise.withResolvers<TLSSocket>()
    const onClose = (): void => {
      handshake.reject(new HandshakeError("CLOSED", "the client went away during the handshake"))
    }
    this.#pending.set(endpoint, handshake)
    socket.once("close", onClose)
    try {
      this.#server.emit("connection", socket)
      return await handshake.promise
    } finally {
      socket.off("close", onClose)
      this.#pending.delete(endpoint)
    }
  }
}
