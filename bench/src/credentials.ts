import { randomBytes } from "node:crypto"
import { certificatePem, generateP256Key, issueAttestedCertificate } from "@contrast/crypto"

/** A key and its self-signed certificate, PEM: what every end of every comparison has. */
export interface Credentials {
  readonly key: string | Buffer
  readonly cert: string
  /** DER of the public key. */
  readonly subjectPublicKeyInfo: Uint8Array
}

export function createCredentials(): Credentials {
  const key = generateP256Key()
  const certificate = issueAttestedCertificate({ key, now: new Date(), serial: randomBytes(16) })
  return {
    key: key.export({ format: "pem", type: "pkcs8" }),
    cert: certificatePem(certificate),
    subjectPublicKeyInfo: certificate.subjectPublicKeyInfo,
  }
}
