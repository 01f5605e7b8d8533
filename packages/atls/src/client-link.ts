import type { Socket } from "node:net"
import type { TLSSocket } from "node:tls"
import type { Attested } from "@contrast/attestation"
import type { Certificate } from "@contrast/crypto"
import { ProtocolError } from "@contrast/protocol"
import { CallCredentials, ChannelCredentials } from "@grpc/grpc-js"

/** A connection with TLS on it, as the client sees it. */
export interface Link {
  readonly socket: TLSSocket
  readonly serverCertificate: Certificate
  /** What the server proved inside the handshake, if it was asked to. */
  readonly handshakeAttested: Attested | undefined
}

type SecureConnector = ReturnType<ChannelCredentials["_createSecureConnector"]>

/**
 * Credentials of a gRPC channel that connects once. gRPC would otherwise connect again behind our back, and send calls over
 * a connection that nobody has verified.
 */
export class SingleLink extends ChannelCredentials {
  readonly #establish: (socket: Socket) => Promise<Link>
  readonly #sockets = new Set<Socket>()
  #link: Link | undefined
  #failure: unknown
  #isDestroyed = false

  /** @param establish - Makes a link over a new connection; what it throws is the failure of the channel. */
  constructor(establish: (socket: Socket) => Promise<Link>) {
    super()
    this.#establish = establish
  }

  /** The link, once there is one; it may have broken since. */
  get link(): Link | undefined {
    return this.#link
  }

  /** Why the first attempt came to nothing, if that is known. */
  get failure(): unknown {
    return this.#failure
  }

  /** Breaks the link, and lets no other come. */
  destroy(): void {
    this.#isDestroyed = true
    for (const socket of this.#sockets) socket.destroy()
  }

  override _isSecure(): boolean {
    return true
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other
  }

  override _createSecureConnector(): SecureConnector {
    const callCredentials = CallCredentials.createEmpty()
    return {
      connect: async (socket) => ({ socket: await this.#connect(socket), secure: true }),
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => callCredentials,
      destroy: () => undefined,
    }
  }

  /** gRPC tries all addresses of a name: the first link counts, others are closed. */
  async #connect(socket: Socket): Promise<TLSSocket> {
    this.#sockets.add(socket)
    socket.once("close", () => this.#sockets.delete(socket))
    try {
      this.#requireUnused()
      const link = await this.#establish(socket)
      this.#requireUnused()
      this.#link = link
      return link.socket
    } catch (error) {
      socket.destroy()
      this.#failure ??= error
      throw error
    }
  }

  #requireUnused(): void {
    if (this.#link !== undefined) throw new ProtocolError("UNREACHABLE", "the connection was lost")
    if (this.#isDestroyed) throw new ProtocolError("CANCELLED", "the connection was closed")
  }
}
