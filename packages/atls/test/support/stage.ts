import type { KeyObject } from "node:crypto"
import { createInsecureIssuer, type Issuer, validateEvidence, validatorsFor } from "@contrast/attestation"
import { encodeUtf8, generateP256Key } from "@contrast/crypto"
import { parseManifest } from "@contrast/manifest"
import { MeshAPIService, NewMeshCertResponse, unaryHandler } from "@contrast/protocol"
import {
  type AttestedConnection,
  type AttestedServer,
  type AttestedServerOptions,
  connectAttested,
  type ConnectionFailure,
  type ConnectOptions,
  createAttestedServer,
  type ValidateEvidence,
} from "../../src/index.ts"

export const SERVER_POLICY: string = "aa".repeat(32)
export const CLIENT_POLICY: string = "bb".repeat(32)

export const serverIssuer: Issuer = createInsecureIssuer({ hostData: Buffer.from(SERVER_POLICY, "hex") })
export const clientIssuer: Issuer = createInsecureIssuer({ hostData: Buffer.from(CLIENT_POLICY, "hex") })

const manifest = parseManifest(
  encodeUtf8(
    JSON.stringify({
      Policies: { [SERVER_POLICY]: { SANs: ["coordinator"], Role: "coordinator" }, [CLIENT_POLICY]: { SANs: ["web"] } },
      ReferenceValues: { snp: [{ Platform: "Metal-QEMU-Insecure" }] },
      WorkloadOwnerPubKeys: [],
      SeedshareOwnerPubKeys: [],
    }),
  ),
)

export const now = (): Date => new Date()

export const validate: ValidateEvidence = (evidence, reportData) =>
  validateEvidence(validatorsFor(manifest, {}, "any"), evidence, { reportData, now: now() })

/** What a test opened and must close, last first. */
const opened: (() => Promise<void> | void)[] = []

export function closeLater(close: () => Promise<void> | void): void {
  opened.push(close)
}

export async function closeAll(): Promise<void> {
  for (const close of opened.splice(0).reverse()) await close()
}

export interface Stage {
  readonly server: AttestedServer
  readonly port: number
  readonly address: string
  readonly failures: ConnectionFailure[]
}

/** A mesh port whose NewMeshCert answers with the policy hash that the caller proved. */
export async function startServer(options: Partial<AttestedServerOptions> = {}): Promise<Stage> {
  const failures: ConnectionFailure[] = []
  const server = createAttestedServer({
    issuer: serverIssuer,
    clientEvidence: { validate },
    now,
    events: { handshakeFailed: (failure) => failures.push(failure) },
    ...options,
  })
  server.addService(MeshAPIService, {
    newMeshCert: unaryHandler(async (call: Parameters<(typeof server)["session"]>[0]) => {
      const { EvidenceType: oid, Document: document } = call.request as { EvidenceType?: string; Document?: Uint8Array }
      const session = server.session(call)
      const attested =
        oid === undefined || document === undefined
          ? session.handshakeAttested
          : await session.attestClient({ oid, document })
      return NewMeshCertResponse.create({ CertChain: encodeUtf8(attested?.policyHash ?? "nobody") })
    }),
    recover: unaryHandler(() => new Promise(() => undefined)),
  })
  const port = await server.listen("127.0.0.1", 0)
  closeLater(() => server.close(100))
  return { server, port, address: `127.0.0.1:${port}`, failures }
}

/** A client with a fresh key, verifying over the session unless told otherwise. */
export async function connect(
  address: string,
  options: Partial<Pick<ConnectOptions, "timeoutMs" | "signal" | "now">> & {
    readonly key?: KeyObject | "none"
    readonly mode?: ConnectOptions["mode"]
    readonly verify?: ValidateEvidence
  } = {},
): Promise<AttestedConnection> {
  const { mode = "session", verify = validate, key = generateP256Key(), ...others } = options
  const connection = await connectAttested({
    address,
    timeoutMs: 5_000,
    now,
    ...(key === "none" ? {} : { key }),
    ...(mode === "unverified" ? { mode } : { mode, verify }),
    ...others,
  })
  closeLater(() => {
    connection.close()
  })
  return connection
}

/** Enrols over the session and returns the policy hash that the server saw. */
export async function enrol(connection: AttestedConnection, issuer: Issuer = clientIssuer): Promise<string> {
  const { oid, document } = await connection.proveClient(issuer)
  const answer = await connection.call(MeshAPIService.newMeshCert, { EvidenceType: oid, Document: document })
  return Buffer.from(answer.CertChain).toString()
}
