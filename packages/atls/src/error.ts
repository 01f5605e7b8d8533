/** Why a server refused a connection before there was a call to answer. */
export type HandshakeErrorCode =
  /** The first bytes are no ClientHello. */
  | "CLIENT_HELLO"
  /** The ClientHello is larger than any honest one. */
  | "CLIENT_HELLO_SIZE"
  /** The nonce for evidence in the handshake is of an unknown version, no hex, or not 32 bytes. */
  | "NONCE"
  /** The client does not offer HTTP/2. */
  | "APPLICATION_PROTOCOL"
  /** Evidence for the handshake could not be issued. */
  | "EVIDENCE_ISSUING"
  /** TLS failed: no common version, group or signature, or a broken message. */
  | "TLS"
  /** The handshake took too long, from the first byte on. */
  | "HANDSHAKE_TIMEOUT"
  /** The client went away. */
  | "CLOSED"
  /** There are as many connections as the server takes, and all are in use. */
  | "CONNECTION_LIMIT"
  /** The system gave no connection, for example for lack of file descriptors. */
  | "ACCEPT"

/** A connection that was refused before it could carry calls. */
export class HandshakeError extends Error {
  override readonly name = "HandshakeError"
  readonly code: HandshakeErrorCode

  constructor(code: HandshakeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
