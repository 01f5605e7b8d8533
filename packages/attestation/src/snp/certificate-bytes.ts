import { type Certificate, parseCertificate } from "@contrast/crypto"

/** Reads a certificate that came with evidence or out of a cache; `undefined` unless it is one. */
export function findCertificate(der: Uint8Array | undefined): Certificate | undefined {
  try {
    return der && parseCertificate(der)
  } catch {
    return undefined
  }
}
