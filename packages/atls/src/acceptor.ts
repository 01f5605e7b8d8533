import type { Socket } from "node:net"
import type { TLSSocket } from "node:tls"
import type { Issuer } from "@contrast/attestation"
import { admitClient } from "./admission.ts"
import { closeWithAlert } from "./alert.ts"
import type { ConnectionState, ConnectionTable } from "./connection-table.ts"
import { HandshakeError } from "./error.ts"
import { makeHandshake, type SecuredConnection } from "./handshake.ts"
import type { ServerIdentities } from "./server-identity.ts"
import type { ServerLimits } from "./server-limits.ts"
import { createServerSession, type ValidateEvidence } from "./server-session.ts"
import { waitWithin } from "./time-limit.ts"

/** A connection that came to nothing, or only carries refusals. */
export interface ConnectionFailure {
  readonly remoteAddress: string
  /** A {@link HandshakeError}, or why the client was not admitted. */
  readonly error: unknown
}

/** Who an acceptor works with. */
export interface AcceptorOptions {
  readonly identities: ServerIdentities
  readonly connections: ConnectionTable
  readonly limits: Pick<ServerLimits, "maxConnections" | "handshakeTimeoutMs">
  readonly issuer: Issuer
  readonly validate: ValidateEvidence | undefined
  readonly now: () => Date
  /** Takes a connection over, once it can carry calls. */
  readonly serve: (socket: TLSSocket) => void
  readonly failed: (failure: ConnectionFailure) => void
}

/** Takes connections from the first byte to where they can carry calls. Nothing that a client does makes it throw. */
export class Acceptor {
  readonly #options: AcceptorOptions

  constructor(options: AcceptorOptions) {
    this.#options = options
  }

  accept(socket: Socket): void {
    const remoteAddress = socket.remoteAddress ?? "unknown"
    // Whatever goes wrong on the socket is seen as its close.
    socket.on("error", () => undefined)
    this.#establish(socket, remoteAddress).catch((error: unknown) => {
      closeWithAlert(socket, error instanceof HandshakeError ? error.code : "CLOSED")
      this.#options.failed({ remoteAddress, error })
    })
  }

  async #establish(socket: Socket, remoteAddress: string): Promise<void> {
    const { connections, limits, serve } = this.#options
    const hasRoom = connections.size < limits.maxConnections || connections.makeRoom()
    if (!hasRoom || !connections.add(socket)) {
      throw new HandshakeError("CONNECTION_LIMIT", "there is no room for another connection")
    }
    const timeoutMs = limits.handshakeTimeoutMs
    const expired = (): Error => new HandshakeError("HANDSHAKE_TIMEOUT", `no handshake within ${timeoutMs} ms`)
    const [secured, state] = await waitWithin(this.#secure(socket, remoteAddress), { timeoutMs, expired })
    if (socket.destroyed) throw new HandshakeError("CLOSED", "the client went away after the handshake")
    connections.settle(socket, state)
    serve(secured)
  }

  async #secure(socket: Socket, remoteAddress: string): Promise<readonly [TLSSocket, ConnectionState]> {
    const secured = await makeHandshake(socket, this.#options.identities)
    return [secured.socket, await this.#admit(secured, remoteAddress)]
  }

  async #admit(secured: SecuredConnection, remoteAddress: string): Promise<ConnectionState> {
    const { issuer, validate, now, failed } = this.#options
    const { socket, identity } = secured
    try {
      const admission = await admitClient(secured, { now: now(), validate })
      const { subjectPublicKeyInfo } = identity
      const session = { socket, remoteAddress, subjectPublicKeyInfo, issuer, validate, now, ...admission }
      return { kind: "open", session: createServerSession(session) }
    } catch (error) {
      failed({ remoteAddress, error })
      return { kind: "refused", reason: error }
    }
  }
}
