import { randomBytes } from "node:crypto"
import { type Agent, request } from "node:https"
import { connect, type TLSSocket } from "node:tls"
import {
  certificatePem,
  generateP256Key,
  issueAttestedCertificate,
  issueLeafCertificate,
  issueMeshCaCertificate,
  parseSubjectAltNames,
  sha256,
  encodeUtf8,
} from "@contrast/crypto"
import { EncryptionCounts } from "../../src/transit/encryption-counts.ts"
import {
  createTransitServer,
  type TransitEvents,
  type TransitLimits,
  type TransitServer,
} from "../../src/transit/server.ts"
import type { ServerCredentials, TransitState } from "../../src/transit/state.ts"
import type { Availability } from "../../src/transit/health.ts"
import type { DeriveTransitKey } from "../../src/transit/keys.ts"

/** A client's key and certificate chain, PEM. */
export interface ClientCredentials {
  readonly key: string
  readonly cert: string
}

/** A mesh PKI with a state behind it, for a transit server without the rest of a Coordinator. */
export interface Mesh {
  readonly state: TransitState
  issueClient(workloadSecretId: string | undefined, now?: Date): ClientCredentials
}

export function createMesh(deriveTransitKey: DeriveTransitKey = deriveByName): Mesh {
  const key = generateP256Key()
  const certificate = issueMeshCaCertificate({ key, now: realNow(), serial: randomBytes(16) })
  const issue = (workloadSecretId: string | undefined, now: Date): ServerCredentials => {
    const leafKey = generateP256Key()
    const leaf = issueLeafCertificate({
      meshCa: { key, certificate },
      publicKey: leafKey,
      names: parseSubjectAltNames(["localhost", "127.0.0.1"]),
      ...(workloadSecretId !== undefined && { workloadSecretId }),
      now,
      serial: randomBytes(16),
    })
    return { key: leafKey, certificateChainPem: certificatePem(leaf) }
  }
  return {
    state: {
      deriveTransitKey,
      meshCa: certificate,
      meshCaPem: certificatePem(certificate),
      issueServerCredentials: () => issue(undefined, realNow()),
    },
    issueClient(workloadSecretId, now = realNow()) {
      const { key: clientKey, certificateChainPem } = issue(workloadSecretId, now)
      return { key: clientKey.export({ type: "pkcs8", format: "pem" }).toString(), cert: certificateChainPem }
    },
  }
}

function realNow(): Date {
  return new Date()
}

function deriveByName(id: string, version: number): Uint8Array {
  return sha256(encodeUtf8(`test key ${version} ${id}`))
}

/** Bounds that are short for a test. */
export const LIMITS: TransitLimits = {
  maxConnections: 2048,
  maxStrangers: 1024,
  strangerLifetimeMs: 5000,
  handshakeTimeoutMs: 5000,
  requestTimeoutMs: 5000,
  idleTimeoutMs: 5000,
  maxBodyBytesInFlight: 128 * 1024 * 1024,
}

/** What a running server was told, and how to drive it. */
export interface Running {
  readonly server: TransitServer
  readonly port: number
  readonly told: { readonly failed: unknown[]; handshakesFailed: number }
  /** The time that the server goes by is so much later than the real one. */
  aheadMs: number
  availability: Availability
  state: TransitState | undefined
  close(): Promise<void>
}

export async function startTransit(mesh: Mesh | undefined, limits: Partial<TransitLimits> = {}): Promise<Running> {
  const told: Running["told"] = { failed: [], handshakesFailed: 0 }
  const events: TransitEvents = {
    finished: () => undefined,
    failed: (error) => told.failed.push(error),
    handshakeFailed: () => (told.handshakesFailed += 1),
  }
  const interimKey = generateP256Key()
  const running = {
    told,
    aheadMs: 0,
    availability: mesh === undefined ? ("uninitialised" as Availability) : "active",
    state: mesh?.state,
  }
  const server = createTransitServer({
    coordinator: {
      availability: () => running.availability,
      state: () => (running.availability === "active" ? running.state : undefined),
      issueInterimCredentials: () => ({
        key: interimKey,
        certificateChainPem: certificatePem(
          issueAttestedCertificate({ key: interimKey, now: realNow(), serial: randomBytes(16) }),
        ),
      }),
    },
    events,
    counts: new EncryptionCounts(),
    now: () => new Date(Date.now() + running.aheadMs),
    version: "1.2.3",
    limits: { ...LIMITS, ...limits },
  })
  const port = await server.listen("127.0.0.1", 0)
  return Object.assign(running, { server, port, close: () => server.close(100) })
}

/** The members of `data` that operations answer with; those that an answer has not are empty. */
export interface Data {
  readonly ciphertext: string
  readonly plaintext: string
  readonly key_version: number
  readonly batch_results: readonly Partial<Data & { readonly reference: string; readonly error: string }>[]
}

/** An answer as the client sees it. */
export interface Reply {
  readonly status: number
  readonly body: unknown
}

/** The `data` of an answer that must have one. */
export function dataOf({ status, body }: Reply): Data {
  if (typeof body === "object" && body !== null && "data" in body) return body.data as Data // looked into by the tests
  throw new Error(`status ${status} without data: ${JSON.stringify(body)}`)
}

/** One request on a connection of its own, or on `agent`'s. */
export async function call(
  port: number,
  client: ClientCredentials | undefined,
  method: string,
  path: string,
  body?: unknown,
  options: { headers?: Record<string, string>; agent?: Agent } = {},
): Promise<Reply> {
  const payload =
    body === undefined || typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: "127.0.0.1",
        port,
        method,
        path,
        agent: options.agent ?? false,
        headers: options.headers ?? {},
        rejectUnauthorized: false,
        ...client,
      },
      (incoming) => {
        const parts: Buffer[] = []
        incoming.on("data", (part: Buffer) => parts.push(part))
        incoming.on("error", reject)
        incoming.on("end", () => {
          const text = Buffer.concat(parts).toString()
          const body: unknown = text === "" ? undefined : JSON.parse(text)
          resolve({ status: incoming.statusCode ?? 0, body })
        })
      },
    )
    outgoing.on("error", reject)
    outgoing.end(payload)
  })
}

/** A bare TLS connection, for clients that misbehave. */
export async function openSocket(port: number, client?: ClientCredentials): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...client }, () => {
      resolve(socket)
    })
    socket.once("error", reject)
  })
}

export function base64(text: string | Uint8Array): string {
  return Buffer.from(text).toString("base64")
}
