import { type Certificate, encodeHex } from "@contrast/crypto"
import type { Field } from "./section.ts"

/** What a certificate says of itself. */
export function certificateFields(certificate: Certificate): readonly Field[] {
  return [
    { name: "subject", value: certificate.subjectCommonName ?? "none" },
    { name: "serialNumber", value: encodeHex(certificate.serialNumber) },
    { name: "notBefore", value: certificate.notBefore.toISOString() },
    { name: "notAfter", value: certificate.notAfter.toISOString() },
  ]
}
