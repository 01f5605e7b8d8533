import { verify } from "node:crypto"
import { equalBytes } from "../bytes.ts"
import { CryptoError } from "../error.ts"
import { describeKey } from "../key-type.ts"
import { findAlgorithm } from "./algorithms.ts"
import { checkAuthority } from "./authority.ts"
import { type Certificate } from "./certificate.ts"
import { ExtensionOid } from "./extensions.ts"

/** Extensions that we may meet marked critical and take into account. */
const KNOWN_EXTENSIONS: readonly string[] = [
  ExtensionOid.keyUsage,
  ExtensionOid.subjectAltName,
  ExtensionOid.basicConstraints,
  ExtensionOid.extendedKeyUsage,
]

/**
 * Verifies that a certificate is within its validity and signed by its own key. It need not be an authority.
 *
 * @throws {@link CryptoError} `CERTIFICATE_NOT_YET_VALID`, `CERTIFICATE_EXPIRED`, `CERTIFICATE_EXTENSION` (an unknown critical
 *   one), `CERTIFICATE_ISSUER` (another name) or `CERTIFICATE_SIGNATURE`.
 */
export function verifySelfSigned(certificate: Certificate, now: Date): void {
  checkUsable(certificate, now)
  checkIssuer(certificate, certificate)
}

/**
 * Verifies that one certificate was issued by the other, an authority, and that both are within their validity.
 * Names of hosts and extended key usage are not looked at; whether to trust the issuer is the caller's question.
 *
 * @throws {@link CryptoError} the codes of {@link verifySelfSigned}, or `CERTIFICATE_AUTHORITY` when the issuer is no authority.
 */
export function verifyIssuedBy(certificate: Certificate, issuer: Certificate, now: Date): void {
  verifyStep({ certificate, issuer, now, depth: 0 })
}

/** One step of a path. */
export interface Step {
  readonly certificate: Certificate
  readonly issuer: Certificate
  readonly now: Date
  /** How many authorities stand below the issuer on the path. */
  readonly depth: number
}

/**
 * Verifies one step of a path as {@link verifyIssuedBy} does, and the path length of the issuer.
 *
 * @throws {@link CryptoError} the codes of {@link verifyIssuedBy}.
 */
export function verifyStep({ certificate, issuer, now, depth }: Step): void {
  checkUsable(certificate, now)
  checkUsable(issuer, now)
  checkAuthority(issuer, depth)
  checkIssuer(certificate, issuer)
}

function checkUsable({ notBefore, notAfter, extensions }: Certificate, now: Date): void {
  if (now < notBefore) {
    throw new CryptoError(
      "CERTIFICATE_NOT_YET_VALID",
      `valid from ${notBefore.toISOString()}, it is ${now.toISOString()}`,
    )
  }
  if (now > notAfter) {
    throw new CryptoError("CERTIFICATE_EXPIRED", `valid until ${notAfter.toISOString()}, it is ${now.toISOString()}`)
  }
  const unknown = extensions.find(({ oid, critical }) => critical && !KNOWN_EXTENSIONS.includes(oid))
  if (unknown !== undefined) {
    throw new CryptoError("CERTIFICATE_EXTENSION", `the extension ${unknown.oid} is critical but not known here`)
  }
}

function checkIssuer(certificate: Certificate, issuer: Certificate): void {
  if (!equalBytes(certificate.issuer, issuer.subject)) {
    throw new CryptoError("CERTIFICATE_ISSUER", "the issuer's name is another one")
  }
  const { publicKey } = issuer
  const algorithm = findAlgorithm(certificate.signatureAlgorithm)
  if (algorithm === undefined || algorithm.keyType !== publicKey.asymmetricKeyType) {
    const message = `no known signature algorithm of a key that is ${describeKey(publicKey)}`
    throw new CryptoError("CERTIFICATE_SIGNATURE", message)
  }
  if (!verify(algorithm.hash, certificate.signedBytes, publicKey, certificate.signature)) {
    throw new CryptoError("CERTIFICATE_SIGNATURE", "the signature is not the issuer's")
  }
}
