import { parseCertificate, parsePem, type Certificate } from "@contrast/crypto"
import { MAX_CERTIFICATE_BYTES } from "../evidence.ts"
import { memoize } from "../memo.ts"

const MARKERS = /-----(?:BEGIN|END) CERTIFICATE-----/g
const CONTENT = /^[A-Za-z0-9+/=\r\n]*$/
const MAX_CHAIN_BYTES = 32 * 1024

/** Chains differ in their first certificate; Intel's authorities are few. */
const readCertificate = memoize(parseCertificate)

/**
 * Reads a chain of certificates in PEM: blocks of canonical base64 and line ends, nothing else. So no byte of a chain
 * can change without a signature failing, although nothing signs the PEM text.
 *
 * @throws any error on anything else; the caller names the refusal.
 */
export function parsePemChain(pem: Uint8Array, count: number): readonly Certificate[] {
  const text = Buffer.from(pem).toString("latin1")
  if (pem.length > MAX_CHAIN_BYTES || !CONTENT.test(text.replaceAll(MARKERS, ""))) {
    throw new RangeError("expected certificates in PEM and nothing else")
  }
  const certificates = parsePem(text, "CERTIFICATE").map(readCertificate)
  if (certificates.length !== count || certificates.some(({ der }) => der.length > MAX_CERTIFICATE_BYTES)) {
    throw new RangeError(`expected ${count} certificates of at most ${MAX_CERTIFICATE_BYTES} bytes`)
  }
  return certificates
}
