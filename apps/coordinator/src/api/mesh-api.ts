import type { Attested } from "@contrast/attestation"
import type { AttestedServer, ServerSession } from "@contrast/atls"
import { encodeUtf8, type Certificate } from "@contrast/crypto"
import { MeshAPIService, type MeshAPIServer } from "@contrast/protocol"
import { CoordinatorError } from "../error.ts"
import type { Coordinator } from "../state/coordinator.ts"
import { issueMeshCredentials } from "../state/mesh-certificate.ts"
import type { MeshTrust } from "../state/mesh-trust.ts"
import { releaseState } from "../state/peer-recovery.ts"
import { observedCall, type Observer } from "./observed-call.ts"

const SERVICE = "meshapi.MeshAPI"

/** Evidence that came with a call, as in `NewMeshCertRequest`. */
interface EvidenceFields {
  readonly EvidenceType?: string | undefined
  readonly Document?: Uint8Array | undefined
}

/** Adds the API for what runs in the deployment. */
export function addMeshApi(
  server: AttestedServer,
  coordinator: Coordinator,
  trust: MeshTrust,
  observer: Observer,
): void {
  const api: MeshAPIServer = {
    newMeshCert: observedCall(observer, { service: SERVICE, method: "NewMeshCert" }, async (call) => {
      const session = server.session(call)
      const peer = trust.identify(await attest(session, call.request))
      const credentials = issueMeshCredentials(coordinator, {
        peer,
        clientCertificate: requireCertificate(session),
        remoteAddress: session.remoteAddress,
      })
      return {
        MeshCACert: encodeUtf8(credentials.meshCaPem),
        CertChain: encodeUtf8(credentials.chainPem),
        RootCACert: encodeUtf8(credentials.rootCaPem),
        WorkloadSecret: credentials.workloadSecret ?? new Uint8Array(0),
      }
    }),
    recover: observedCall(observer, { service: SERVICE, method: "Recover" }, async (call) => {
      const session = server.session(call)
      const peer = trust.identify(await attest(session, call.request))
      const { seedEngine, authority, manifestBytes } = releaseState(coordinator, peer, session.remoteAddress)
      return {
        Seed: seedEngine.seed,
        Salt: seedEngine.salt,
        MeshCAKey: encodeUtf8(authority.meshCaKey.export({ type: "sec1", format: "pem" }).toString()),
        LatestManifest: manifestBytes,
      }
    }),
  }
  server.addService(MeshAPIService, api)
}

/** Evidence of this call if there is any, else that of the handshake. */
async function attest(session: ServerSession, { EvidenceType, Document }: EvidenceFields): Promise<Attested> {
  if (EvidenceType !== undefined && Document !== undefined) {
    return session.attestClient({ oid: EvidenceType, document: Document })
  }
  if (session.handshakeAttested !== undefined) return session.handshakeAttested
  throw new CoordinatorError("EVIDENCE_ABSENT", "no evidence, neither in the handshake nor with the call")
}

function requireCertificate({ clientCertificate }: ServerSession): Certificate {
  if (clientCertificate !== undefined) return clientCertificate
  throw new CoordinatorError(
    "CLIENT_CERTIFICATE",
    "a client certificate is required: the mesh certificate is for its key",
  )
}
