import type { TLSSocket } from "node:tls"
import { type Attested, type Evidence, type Issuer, sessionReportData } from "@contrast/attestation"
import type { Certificate } from "@contrast/crypto"
import { ProtocolError } from "@contrast/protocol"
import { Challenge } from "./challenge.ts"
import { exportSessionKey } from "./exporter.ts"

/**
 * Judges a client's evidence.
 *
 * @param reportData - What its report data must be, 64 bytes.
 * @throws AttestationError if it proves nothing, or an error of the caller's if there is nothing to judge it by.
 */
export type ValidateEvidence = (evidence: Evidence, reportData: Uint8Array) => Promise<Attested>

/** What the server knows of one connection, and does over it. */
export interface ServerSession {
  readonly remoteAddress: string
  /** TLS has proven that the client holds the key, and the signature is its own; attested it is not. */
  readonly clientCertificate: Certificate | undefined
  /** What the client proved inside the handshake. */
  readonly handshakeAttested: Attested | undefined
  /**
   * Issues evidence of the server for this TLS session, once at a time.
   *
   * @param signal - The client does not wait for it any more.
   * @throws ProtocolError `LIMIT` while evidence is being issued; or what the issuer throws.
   */
  attest(nonce: Uint8Array, signal?: AbortSignal): Promise<Evidence>
  /** Opens a challenge for evidence of the client: good for one use, on this connection, for 60 seconds. */
  challenge(): Uint8Array
  /**
   * Judges the client's answer to the open challenge, which it uses up.
   *
   * @throws ProtocolError `CHALLENGE`, `CLIENT_CERTIFICATE`; or what the validation throws.
   */
  attestClient(evidence: Evidence): Promise<Attested>
}

/** What a session is made of. */
export interface SessionInputs {
  readonly socket: TLSSocket
  readonly remoteAddress: string
  /** DER of the public key of the server's certificate on this connection. */
  readonly subjectPublicKeyInfo: Uint8Array
  readonly clientCertificate: Certificate | undefined
  readonly handshakeAttested: Attested | undefined
  readonly issuer: Issuer
  readonly validate: ValidateEvidence | undefined
  readonly now: () => Date
}

/** The session of an established connection. */
export function createServerSession(inputs: SessionInputs): ServerSession {
  const { socket, subjectPublicKeyInfo, clientCertificate, issuer, validate, now } = inputs
  const challenge = new Challenge()
  let isAttesting = false
  return {
    remoteAddress: inputs.remoteAddress,
    clientCertificate,
    handshakeAttested: inputs.handshakeAttested,
    attest: async (nonce, signal) => {
      if (isAttesting) throw new ProtocolError("LIMIT", "evidence for this connection is being issued already")
      isAttesting = true
      try {
        const exporter = exportSessionKey(socket)
        return await issuer.issue(sessionReportData({ role: "server", exporter, nonce, subjectPublicKeyInfo }), signal)
      } finally {
        isAttesting = false
      }
    },
    challenge: () => challenge.open(now()),
    attestClient: async (evidence) => {
      const nonce = challenge.take(now())
      if (validate === undefined) throw new TypeError("this server takes no evidence of clients")
      if (clientCertificate === undefined) {
        throw new ProtocolError("CLIENT_CERTIFICATE", "evidence of a client needs a client certificate")
      }
      const exporter = exportSessionKey(socket)
      const key = clientCertificate.subjectPublicKeyInfo
      return validate(evidence, sessionReportData({ role: "client", exporter, nonce, subjectPublicKeyInfo: key }))
    },
  }
}
