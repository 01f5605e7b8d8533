import { type Attested, type Evidence, type Issuer, NONCE_BYTES, sessionReportData } from "@contrast/attestation"
import type { Certificate } from "@contrast/crypto"
import { AttestationAPIService, ProtocolError } from "@contrast/protocol"
import type { Channel, Client } from "@grpc/grpc-js"
import type { CallGate } from "./call-gate.ts"
import type { Link, SingleLink } from "./client-link.ts"
import { exportSessionKey } from "./exporter.ts"
import { callUnary, type UnaryMethod } from "./unary-call.ts"

/** A connection whose server was verified as the mode says. It never connects again: a new one must be verified anew. */
export interface AttestedConnection {
  /** What the server proved; absent in mode `unverified`. */
  readonly attested: Attested | undefined
  /**
   * Makes one call.
   *
   * @throws ProtocolError
   */
  call<Request, Response>(method: UnaryMethod<Request, Response>, request: Request): Promise<Response>
  /**
   * Asks for a challenge and issues evidence of this client, for one call on this connection.
   *
   * @throws ProtocolError
   */
  proveClient(issuer: Issuer): Promise<Evidence>
  /** Ends the connection, and calls that are open on it. */
  close(): void
}

/** What a connection is made of. */
export interface ConnectionInputs {
  readonly channel: Channel
  readonly credentials: SingleLink
  /** Sends its calls through the gate. */
  readonly client: Client
  readonly gate: CallGate
  readonly link: Link
  readonly attested: Attested | undefined
  readonly clientCertificate: Certificate | undefined
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/** The connection over a link that was verified. */
export function createAttestedConnection(inputs: ConnectionInputs): AttestedConnection {
  const { channel, credentials, client, gate, link, attested, clientCertificate, timeoutMs, signal } = inputs
  let closed = false
  const close = (): void => {
    closed = true
    gate.shut()
    signal?.removeEventListener("abort", close)
    credentials.destroy()
    channel.close()
  }
  signal?.addEventListener("abort", close)
  link.socket.once("close", () => {
    gate.shut()
  })
  gate.open()

  const call: AttestedConnection["call"] = async (method, request) => {
    try {
      if (closed) throw new ProtocolError("CANCELLED", "the connection was closed")
      return await callUnary(client, method, request, timeoutMs)
    } catch (error) {
      throw closed ? asCancelled(error) : error
    }
  }
  return {
    attested,
    call,
    proveClient: async (issuer) => {
      if (clientCertificate === undefined) throw new TypeError("a client without a key has nothing to attest for")
      const { Nonce: nonce } = await call(AttestationAPIService.challenge, {})
      return issuer.issue(clientReportData(link, clientCertificate, nonce))
    },
    close,
  }
}

/** What broke because we closed it was not unreachable; an answer that came in time keeps its code. */
function asCancelled(error: unknown): unknown {
  const broken = error instanceof ProtocolError && error.code === "UNREACHABLE"
  return broken ? new ProtocolError("CANCELLED", "the connection was closed", { cause: error }) : error
}

function clientReportData({ socket }: Link, { subjectPublicKeyInfo }: Certificate, nonce: Uint8Array): Uint8Array {
  if (nonce.length !== NONCE_BYTES) {
    throw new ProtocolError("NOT_ATTESTING", `expected a challenge of ${NONCE_BYTES} bytes, got ${nonce.length}`)
  }
  return sessionReportData({ role: "client", exporter: exportSessionKey(socket), nonce, subjectPublicKeyInfo })
}
