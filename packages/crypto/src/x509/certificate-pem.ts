import { encodePem, parsePem } from "../pem.ts"
import { type Certificate, parseCertificate } from "./certificate.ts"

const LABEL = "CERTIFICATE"

/**
 * Reads the certificates of a PEM text, in order, at least one.
 *
 * @throws {@link CryptoError} `PEM` when there is anything but `CERTIFICATE` blocks, or `CERTIFICATE`.
 */
export function parseCertificatesPem(pem: string | Uint8Array): readonly [Certificate, ...Certificate[]] {
  const [first, ...others] = parsePem(pem, LABEL)
  return [parseCertificate(first), ...others.map(parseCertificate)]
}

/** PEM text of a certificate, ending in a newline. */
export function certificatePem(certificate: Certificate): string {
  return encodePem(LABEL, certificate.der)
}
