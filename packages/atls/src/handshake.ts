import type { Socket } from "node:net"
import type { TLSSocket } from "node:tls"
import { whileConnected } from "./early-bytes.ts"
import { HandshakeError } from "./error.ts"
import { findNonce, HTTP2_PROTOCOL } from "./handshake-nonce.ts"
import { readClientHello } from "./hello-reader.ts"
import type { ServerIdentities, ServerIdentity } from "./server-identity.ts"

/** A connection with TLS on it. */
export interface SecuredConnection {
  readonly socket: TLSSocket
  /** What the server was in this handshake. */
  readonly identity: ServerIdentity
}

/**
 * Makes the server's side of a handshake: with evidence for clients that send a nonce, with the shared certificate for the
 * others. The caller limits the time by destroying the socket.
 *
 * @throws {@link HandshakeError}
 */
export async function makeHandshake(socket: Socket, identities: ServerIdentities): Promise<SecuredConnection> {
  const hello = await readClientHello(socket)
  if (!hello.protocols.includes(HTTP2_PROTOCOL)) {
    throw new HandshakeError("APPLICATION_PROTOCOL", `the client does not offer ${HTTP2_PROTOCOL}`)
  }
  const nonce = findNonce(hello)
  const identity =
    nonce === undefined
      ? identities.shared()
      : await whileConnected(socket, (closed) => identities.attesting(nonce, closed))
  return { socket: await identity.terminator.terminate(socket), identity }
}
