import { type Attested, type Evidence, type Issuer, NONCE_BYTES, sessionReportData } from "@contrast/attestation"
import type { Certificate } from "@contrast/crypto"
import { AttestationAPIService, ProtocolError } from "@contrast/protocol"
import { type Channel, type ChannelCredentials, Client, type ClientOptions } from "@grpc/grpc-js"
import { gateCalls } from "./call-gate.ts"
import type { Link, SingleLink } from "./client-link.ts"
import { exportSessionKey } from "./exporter.ts"
import { callUnary, type UnaryMethod } from "./unary-call.ts"

/** A generated client. */
export type ClientConstructor<T> = new (
  address: string,
  credentials: ChannelCredentials,
  options?: Partial<ClientOptions>,
) => T

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
  /** A generated client on this connection. */
  client<T>(constructor: ClientConstructor<T>): T
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
  readonly link: Link
  readonly attested: Attested | undefined
  readonly clientCertificate: Certificate | undefined
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/** The connection over a link that was verified. */
export function createAttestedConnection(inputs: ConnectionInputs): AttestedConnection {
  const { channel, credentials, link, attested, clientCertificate, timeoutMs, signal } = inputs
  let state: "open" | "lost" | "closed" = "open"
  const close = (): void => {
    state = "closed"
    signal?.removeEventListener("abort", close)
    credentials.destroy()
    channel.close()
  }
  signal?.addEventListener("abort", close)
  link.socket.once("close", () => {
    if (state === "open") state = "lost"
  })

  const gate = gateCalls({ isOpen: () => state === "open", timeoutMs })
  const options = { channelOverride: channel, interceptors: [gate] }
  const target = channel.getTarget()
  const client = new Client(target, credentials, options)
  const call: AttestedConnection["call"] = async (method, request) => {
    try {
      if (state === "closed") throw new ProtocolError("CANCELLED", "the connection was closed")
      return await callUnary(client, method, request, timeoutMs)
    } catch (error) {
      throw explain(error, state)
    }
  }
  return {
    attested,
    call,
    client: (constructor) => new constructor(target, credentials, options),
    proveClient: async (issuer) => {
      if (clientCertificate === undefined) throw new TypeError("a client without a key has nothing to attest for")
      const { Nonce: nonce } = await call(AttestationAPIService.challenge, {})
      return issuer.issue(clientReportData(link, clientCertificate, nonce))
    },
    close,
  }
}

/** What broke because we closed it was not unreachable. */
function explain(error: unknown, state: "open" | "lost" | "closed"): unknown {
  const broken = error instanceof ProtocolError && error.code === "UNREACHABLE"
  if (state !== "closed" || !broken) return error
  return new ProtocolError("CANCELLED", "the connection was closed", { cause: error })
}

function clientReportData({ socket }: Link, { subjectPublicKeyInfo }: Certificate, nonce: Uint8Array): Uint8Array {
  if (nonce.length !== NONCE_BYTES) {
    throw new ProtocolError("NOT_ATTESTING", `expected a challenge of ${NONCE_BYTES} bytes, got ${nonce.length}`)
  }
  return sessionReportData({ role: "client", exporter: exportSessionKey(socket), nonce, subjectPublicKeyInfo })
}
