import { encodeDer, integer, primitive, Tag, type CertificateExtension } from "@contrast/crypto"

/** What a claim states: a number, bytes or a flag. */
export type ClaimValue = number | bigint | Uint8Array | boolean

const TRUE = Uint8Array.of(0xff)
const FALSE = Uint8Array.of(0x00)

/**
 * Extensions that state claims, one below the platform's object identifier for each number: INTEGER, OCTET STRING or
 * BOOLEAN in DER, none critical. A claim without a value is left out.
 */
export function encodeClaims(
  platformOid: string,
  claims: readonly (readonly [arc: number, value: ClaimValue | undefined])[],
): readonly CertificateExtension[] {
  return claims.flatMap(([arc, value]) =>
    value === undefined ? [] : [{ oid: `${platformOid}.${arc}`, critical: false, value: encodeValue(value) }],
  )
}

function encodeValue(value: ClaimValue): Uint8Array {
  if (typeof value === "boolean") return encodeDer(primitive(Tag.boolean, value ? TRUE : FALSE))
  if (typeof value === "object") return encodeDer(primitive(Tag.octetString, value))
  const hex = value.toString(16)
  return encodeDer(integer(Uint8Array.from(Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex"))))
}
