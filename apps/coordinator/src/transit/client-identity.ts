import type { TLSSocket } from "node:tls"
import { parsePeerCertificate, readWorkloadSecretId, verifyIssuedBy, type Certificate } from "@contrast/crypto"
import { TransitError } from "./error.ts"

/** Whom a connection belongs to, as its client certificate says. */
export interface ClientIdentity {
  readonly workloadSecretId: string | undefined
  /** The same on all connections of one workload, and of all workloads that have no secret ID, and so no key. */
  readonly owner: string
  readonly notAfter: Date
}

/**
 * Reads who is at the other end of a connection.
 *
 * TLS has proven possession of the key, but it may have verified the chain against the mesh CA of an earlier moment,
 * so the certificate is verified against the current one here.
 *
 * @throws {@link TransitError} `CLIENT_CERTIFICATE`.
 */
export function readIdentity(socket: TLSSocket, meshCa: Certificate, now: Date): ClientIdentity {
  const peer = socket.getPeerX509Certificate()
  if (peer === undefined) throw new TransitError("CLIENT_CERTIFICATE", "a client certificate is required")
  try {
    const certificate = parsePeerCertificate(peer)
    verifyIssuedBy(certificate, meshCa, now)
    const workloadSecretId = readWorkloadSecretId(certificate)
    // Certificates would tell them apart, but one workload can have any number of those.
    const owner = workloadSecretId === undefined ? "workloads without a secret" : `workload ${workloadSecretId}`
    return { workloadSecretId, owner, notAfter: certificate.notAfter }
  } catch (cause) {
    const message = "the client certificate does not verify under the current mesh CA"
    throw new TransitError("CLIENT_CERTIFICATE", message, { cause })
  }
}

/**
 * Refuses everyone but the workload whose own name it is.
 *
 * @throws {@link TransitError} `CLIENT_CERTIFICATE` if the certificate has expired since the handshake; `NAME`.
 */
export function authorise(identity: ClientIdentity, name: string, now: Date): void {
  if (now > identity.notAfter) throw new TransitError("CLIENT_CERTIFICATE", "the client certificate has expired")
  if (identity.workloadSecretId === undefined) {
    throw new TransitError("NAME", "the client certificate carries no workload secret ID")
  }
  if (identity.workloadSecretId !== name) {
    throw new TransitError("NAME", "the key belongs to another workload than the client certificate")
  }
}
