import { type KeyObject, randomBytes } from "node:crypto"
import { isIP, type Socket } from "node:net"
import { connect, createSecureContext, type SecureContext, type TLSSocket } from "node:tls"
import { certificatePem, type Certificate, issueAttestedCertificate } from "@contrast/crypto"
import { ProtocolError } from "@contrast/protocol"
import { encodeNonceProtocol, HTTP2_PROTOCOL } from "./handshake-nonce.ts"
import { TLS_OPTIONS } from "./tls-options.ts"

const SERIAL_BYTES = 16

/** What the client shows in its handshake. */
export interface ClientCredentials {
  readonly context: SecureContext
  /** Absent if there is no key. */
  readonly certificate: Certificate | undefined
}

/** Credentials with a self-signed certificate over the key, or without one. */
export function createClientCredentials(key: KeyObject | undefined, now: Date): ClientCredentials {
  if (key === undefined) return { context: createSecureContext({ ...TLS_OPTIONS, ca: [] }), certificate: undefined }
  const certificate = issueAttestedCertificate({ key, now, serial: randomBytes(SERIAL_BYTES) })
  const pem = key.export({ type: "pkcs8", format: "pem" })
  return {
    context: createSecureContext({ ...TLS_OPTIONS, ca: [], key: pem, cert: certificatePem(certificate) }),
    certificate,
  }
}

/** Inputs of {@link secureConnection}. */
export interface ClientHandshake {
  readonly context: SecureContext
  /** Name or address of the server. */
  readonly host: string
  /** Asks for evidence in the handshake. */
  readonly nonce: Uint8Array | undefined
}

/**
 * Makes the client's side of a handshake. What the server shows is not judged here.
 *
 * @throws ProtocolError `UNREACHABLE` if the connection breaks, `NOT_ATTESTING` if the server does not speak TLS 1.3 and
 *   HTTP/2, or knows no clients without a nonce.
 */
export async function secureConnection(socket: Socket, { context, host, nonce }: ClientHandshake): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>()
  socket.setNoDelay(true)
  const secured = connect({
    socket,
    secureContext: context,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ALPNProtocols: nonce ? [encodeNonceProtocol(nonce), HTTP2_PROTOCOL] : [HTTP2_PROTOCOL],
    // Certificates here are self-signed; what they are worth is shown by evidence.
    rejectUnauthorized: false,
  })
  secured.once("secureConnect", () => {
    resolve(secured)
  })
  // Stays: an error after the handshake shows to gRPC as the close of the connection.
  secured.on("error", (cause: Error) => {
    reject(explainFailure(cause))
  })
  secured.once("close", () => {
    reject(new ProtocolError("UNREACHABLE", "the connection was closed during the handshake"))
  })
  return requireHttp2(await promise)
}

function requireHttp2(socket: TLSSocket): TLSSocket {
  if (socket.alpnProtocol === HTTP2_PROTOCOL) return socket
  socket.destroy()
  throw new ProtocolError("NOT_ATTESTING", "the server does not speak HTTP/2")
}

/** Errors of OpenSSL say that the other end speaks something else, all others that it is gone. */
function explainFailure(cause: Error): ProtocolError {
  const fromOpenSsl = "library" in cause
  const message = `TLS handshake failed: ${cause.message}`
  return new ProtocolError(fromOpenSsl ? "NOT_ATTESTING" : "UNREACHABLE", message, { cause })
}
