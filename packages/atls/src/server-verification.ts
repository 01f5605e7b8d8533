import {
  AttestationError,
  type Attested,
  findEvidence,
  handshakeReportData,
  sessionReportData,
} from "@contrast/attestation"
import type { Certificate } from "@contrast/crypto"
import { AttestationAPIService, ProtocolError } from "@contrast/protocol"
import type { Client } from "@grpc/grpc-js"
import type { Link } from "./client-link.ts"
import { exportSessionKey } from "./exporter.ts"
import { newNonce } from "./nonce.ts"
import type { ValidateEvidence } from "./server-session.ts"
import { callUnary } from "./unary-call.ts"

/**
 * Asks the server for evidence over the session, and verifies it.
 *
 * @throws ProtocolError `NOT_ATTESTING`, `ATTESTATION`, or why the call failed.
 */
export async function verifyOverSession(
  client: Client,
  { socket, serverCertificate }: Link,
  { verify, timeoutMs }: { readonly verify: ValidateEvidence; readonly timeoutMs: number },
): Promise<Attested> {
  const nonce = newNonce()
  const { EvidenceType: oid, Document: document } = await askForEvidence(client, nonce, timeoutMs)
  const { subjectPublicKeyInfo } = serverCertificate
  const exporter = exportSessionKey(socket)
  const reportData = sessionReportData({ role: "server", exporter, nonce, subjectPublicKeyInfo })
  return verifyOrRefuse(() => verify({ oid, document }, reportData))
}

/**
 * Verifies the evidence in the server's certificate.
 *
 * @throws ProtocolError `NOT_ATTESTING`, `ATTESTATION`.
 */
export async function verifyHandshake(
  serverCertificate: Certificate,
  { nonce, verify }: { readonly nonce: Uint8Array; readonly verify: ValidateEvidence },
): Promise<Attested> {
  const evidence = findEvidence(serverCertificate)
  if (evidence === undefined) throw new ProtocolError("NOT_ATTESTING", "the server's certificate carries no evidence")
  const { subjectPublicKeyInfo } = serverCertificate
  return verifyOrRefuse(() => verify(evidence, handshakeReportData({ subjectPublicKeyInfo, nonce })))
}

async function askForEvidence(
  client: Client,
  nonce: Uint8Array,
  timeoutMs: number,
): Promise<{ readonly EvidenceType: string; readonly Document: Uint8Array }> {
  try {
    return await callUnary(client, AttestationAPIService.attest, { Nonce: nonce }, timeoutMs)
  } catch (error) {
    if (!(error instanceof ProtocolError) || PASSED_ON.includes(error.code)) throw error
    throw new ProtocolError("NOT_ATTESTING", "the server does not attest over the session", { cause: error })
  }
}

/** What is of the way there, of us, or of making evidence. Nothing else that an unproven server says of itself is passed on. */
const PASSED_ON: readonly string[] = ["UNREACHABLE", "TIMEOUT", "CANCELLED", "BUSY", "CLIENT_CERTIFICATE", "INTERNAL"]

/** A refusal becomes one code, with the verdicts as its cause; what else goes wrong while verifying stays what it is. */
async function verifyOrRefuse(verify: () => Promise<Attested>): Promise<Attested> {
  try {
    return await verify()
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error
    throw new ProtocolError("ATTESTATION", error.message, { cause: error })
  }
}
