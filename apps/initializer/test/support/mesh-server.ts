import { createPublicKey, randomBytes, type KeyObject } from "node:crypto"
import { type AttestedServer, createAttestedServer } from "@contrast/atls"
import { createInsecureIssuer } from "@contrast/attestation"
import {
  type Certificate,
  certificatePem,
  encodeUtf8,
  generateP256Key,
  issueIntermediateCertificate,
  issueLeafCertificate,
  issueMeshCaCertificate,
  issueRootCertificate,
  parseSubjectAltNames,
} from "@contrast/crypto"
import { MeshAPIService, type NewMeshCertResponse, ProtocolError, unaryHandler } from "@contrast/protocol"

/** What the server answers for a client's certificate; what it throws is the refusal. */
export type Answer = (client: Certificate) => NewMeshCertResponse

/** A server of the mesh API on a port of its own. */
export interface MeshServer {
  readonly address: string
  readonly server: AttestedServer
  /** Hex of the host data of all evidence that came, in order. */
  readonly attested: readonly string[]
}

export async function startMeshServer(answer: Answer): Promise<MeshServer> {
  const attested: string[] = []
  const server = createAttestedServer({
    issuer: createInsecureIssuer({ hostData: new Uint8Array(32) }),
    clientEvidence: {
      validate: (evidence) => {
        const { hostData } = JSON.parse(new TextDecoder().decode(evidence.document)) as { hostData: string } // made by our issuer
        const policyHash = Buffer.from(hostData, "base64").toString("hex")
        attested.push(policyHash)
        const verdict = { version: 1, platform: "insecure", accepted: true, now: "", checks: [] } as const
        return Promise.resolve({ platform: "insecure", policyHash, claims: () => [], verdict })
      },
    },
    now: () => new Date(),
  })
  server.addService(MeshAPIService, {
    newMeshCert: unaryHandler(async (call: Parameters<typeof server.session>[0]) => {
      const session = server.session(call)
      const { EvidenceType = "", Document = new Uint8Array(0) } = call.request as {
        EvidenceType?: string
        Document?: Uint8Array
      } // decoded by the service
      await session.attestClient({ oid: EvidenceType, document: Document })
      if (session.clientCertificate === undefined) throw new ProtocolError("CLIENT_CERTIFICATE", "no certificate")
      return answer(session.clientCertificate)
    }),
    recover: unaryHandler(() => Promise.reject(new ProtocolError("ROLE", "not served here"))),
  })
  const port = await server.listen("127.0.0.1", 0)
  return { address: `127.0.0.1:${port}`, server, attested }
}

/** Keys of an answer, where they are not to be new ones, or the client's. */
export interface AnswerKeys {
  readonly leaf?: KeyObject
  readonly root?: KeyObject
  readonly mesh?: KeyObject
}

/** An answer as a Coordinator gives it. */
export function issueAnswer(
  client: Certificate,
  workloadSecret: Uint8Array,
  keys: AnswerKeys = {},
): NewMeshCertResponse {
  const now = new Date()
  const serial = () => new Uint8Array(randomBytes(16))
  const {
    leaf: leafKey = client.publicKey,
    root: rootKey = generateP256Key(),
    mesh: meshKey = generateP256Key(),
  } = keys
  const root = issueRootCertificate({ key: rootKey, now, serial: serial() })
  const meshCa = issueMeshCaCertificate({ key: meshKey, now, serial: serial() })
  const intermediate = issueIntermediateCertificate({
    root: { key: rootKey, certificate: root },
    meshPublicKey: createPublicKey(meshKey),
    now,
    serial: serial(),
  })
  const leaf = issueLeafCertificate({
    meshCa: { key: meshKey, certificate: meshCa },
    publicKey: leafKey,
    names: parseSubjectAltNames(["web"]),
    now,
    serial: serial(),
  })
  return {
    MeshCACert: encodeUtf8(certificatePem(meshCa)),
    CertChain: encodeUtf8(certificatePem(leaf) + certificatePem(intermediate)),
    RootCACert: encodeUtf8(certificatePem(root)),
    WorkloadSecret: workloadSecret,
  }
}
