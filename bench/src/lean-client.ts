import { once } from "node:events"
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2"
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from "node:tls"
import { EXPORTER_BYTES, EXPORTER_LABEL, type Issuer, sessionReportData } from "@contrast/attestation"
import {
  AttestationAPIService,
  ChallengeRequest,
  ChallengeResponse,
  MeshAPIService,
  NewMeshCertRequest,
  NewMeshCertResponse,
} from "@contrast/protocol"
import type { Credentials } from "./credentials.ts"

const PREFIX_BYTES = 5

/**
 * A workload that enrols with as little work of its own as the protocol allows. Client and Coordinator share this machine, and
 * it is the Coordinator that is measured.
 */
export class LeanClient {
  readonly #port: number
  readonly #issuer: Issuer
  readonly #context: SecureContext
  readonly #subjectPublicKeyInfo: Uint8Array

  constructor(port: number, { key, cert, subjectPublicKeyInfo }: Credentials, issuer: Issuer) {
    this.#context = createSecureContext({ key, cert, minVersion: "TLSv1.3" })
    this.#subjectPublicKeyInfo = subjectPublicKeyInfo
    this.#port = port
    this.#issuer = issuer
  }

  /** One workload: a connection of its own, a challenge, evidence, a certificate. */
  async enrol(): Promise<void> {
    const socket = await this.#connect()
    const session = connectHttp2(`https://127.0.0.1:${this.#port}`, { createConnection: () => socket })
    session.on("error", () => undefined) // the call fails with it
    try {
      const { challenge } = AttestationAPIService
      const challenged = await call(session, challenge.path, ChallengeRequest.encode({}).finish())
      const document = await this.#attest(socket, ChallengeResponse.decode(challenged).Nonce)
      const request = { EvidenceType: this.#issuer.oid, Document: document }
      const answer = await call(session, MeshAPIService.newMeshCert.path, NewMeshCertRequest.encode(request).finish())
      if (NewMeshCertResponse.decode(answer).CertChain.length === 0) throw new Error("expected a certificate, got none")
    } finally {
      session.destroy()
    }
  }

  async #connect(): Promise<TLSSocket> {
    const socket = connectTls({
      host: "127.0.0.1",
      port: this.#port,
      secureContext: this.#context,
      ALPNProtocols: ["h2"],
      rejectUnauthorized: false,
    })
    await once(socket, "secureConnect")
    return socket
  }

  async #attest(socket: TLSSocket, nonce: Uint8Array): Promise<Uint8Array> {
    const exporter = socket.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0))
    const subjectPublicKeyInfo = this.#subjectPublicKeyInfo
    const reportData = sessionReportData({ role: "client", exporter, nonce, subjectPublicKeyInfo })
    return (await this.#issuer.issue(reportData)).document
  }
}

/** One unary gRPC call: a message with its five bytes of prefix each way. */
async function call(session: ClientHttp2Session, path: string, message: Uint8Array): Promise<Uint8Array> {
  const headers = { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" }
  const stream = session.request(headers)
  let status: unknown
  const note = (received: Readonly<Record<string, unknown>>): void => {
    status = received["grpc-status"] ?? status
  }
  stream.on("response", note).on("trailers", note)
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.writeUInt32BE(message.length, 1)
  stream.end(Buffer.concat([prefix, message]))
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part as Buffer) // a stream without encoding gives buffers
  if (status !== "0") throw new Error(`expected gRPC status 0, got ${String(status)}`)
  return Buffer.concat(parts).subarray(PREFIX_BYTES)
}
