import { type Attested, findEvidence, handshakeReportData } from "@contrast/attestation"
import type { Certificate } from "@contrast/crypto"
import { ProtocolError } from "@contrast/protocol"
import type { SecuredConnection } from "./handshake.ts"
import { readPeerCertificate } from "./peer-certificate.ts"
import type { ValidateEvidence } from "./server-session.ts"

/** What a client proved inside the handshake. */
export interface Admission {
  readonly clientCertificate: Certificate | undefined
  readonly handshakeAttested: Attested | undefined
}

/**
 * Judges the client's side of a handshake. In TLS 1.3 the client has finished by then, so that a refusal can be told as
 * the status of its calls.
 *
 * @param validate - Judges evidence; absent if clients need not attest, and so need no certificate.
 * @throws ProtocolError `CLIENT_CERTIFICATE`, or what the validation throws.
 */
export async function admitClient(
  { socket, identity }: SecuredConnection,
  { now, validate }: { readonly now: Date; readonly validate: ValidateEvidence | undefined },
): Promise<Admission> {
  const clientCertificate = certificateOrRefuse(() => readPeerCertificate(socket, now))
  if (validate === undefined) return { clientCertificate, handshakeAttested: undefined }
  if (clientCertificate === undefined) throw new ProtocolError("CLIENT_CERTIFICATE", "a client certificate is required")
  const evidence = identity.serverNonce && findEvidence(clientCertificate)
  if (evidence === undefined || identity.serverNonce === undefined) {
    return { clientCertificate, handshakeAttested: undefined }
  }
  const { subjectPublicKeyInfo } = clientCertificate
  const reportData = handshakeReportData({ subjectPublicKeyInfo, nonce: identity.serverNonce })
  return { clientCertificate, handshakeAttested: await validate(evidence, reportData) }
}

function certificateOrRefuse(read: () => Certificate | undefined): Certificate | undefined {
  try {
    return read()
  } catch (cause) {
    throw new ProtocolError("CLIENT_CERTIFICATE", "the client certificate is not valid", { cause })
  }
}
