import {
  type CertificateExtension,
  constructed,
  type DerElement,
  objectIdentifier,
  primitive,
  Tag,
} from "@contrast/crypto"

/** An Extension of a certificate or CRL (RFC 5280 §4.1). */
export function encodeExtension({ oid, critical, value }: CertificateExtension): DerElement {
  const flag = critical ? [primitive(Tag.boolean, Uint8Array.of(0xff))] : []
  return constructed(Tag.sequence, objectIdentifier(oid), ...flag, primitive(Tag.octetString, value))
}
