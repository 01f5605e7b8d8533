import { sha256 } from "../digest.ts"
import { type DerElement, Tag, constructed, contextTag, encodeDer, objectIdentifier, primitive } from "./der.ts"
import { childrenOf, octetsOfBitString, parseDer } from "./der-reading.ts"
import { type CertificateExtension, ExtensionOid } from "./extensions.ts"

const KEY_IDENTIFIER_BYTES = 20
const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
const TRUE = primitive(Tag.boolean, Uint8Array.of(0xff))

/** digitalSignature and keyCertSign (RFC 5280 §4.2.1.3): bits 0 and 5, 2 bits unused. */
const AUTHORITY_KEY_USAGE = extension("keyUsage", true, primitive(Tag.bitString, Uint8Array.of(2, 0x84)))
/** digitalSignature: bit 0, 7 bits unused. */
const LEAF_KEY_USAGE = extension("keyUsage", true, primitive(Tag.bitString, Uint8Array.of(7, 0x80)))

/** What an authority carries: it may sign certificates and handshakes. */
export const AUTHORITY_EXTENSIONS: readonly CertificateExtension[] = [
  AUTHORITY_KEY_USAGE,
  extension("basicConstraints", true, constructed(Tag.sequence, TRUE)),
]

/** What a workload's certificate carries: client and server in TLS, no authority. */
export const LEAF_EXTENSIONS: readonly CertificateExtension[] = [
  LEAF_KEY_USAGE,
  extension(
    "extendedKeyUsage",
    false,
    constructed(Tag.sequence, objectIdentifier(CLIENT_AUTH), objectIdentifier(SERVER_AUTH)),
  ),
  extension("basicConstraints", true, constructed(Tag.sequence)),
]

/** SubjectKeyIdentifier of a key: a non-critical extension. */
export function subjectKeyIdentifier(subjectPublicKeyInfo: Uint8Array): CertificateExtension {
  return extension("subjectKeyIdentifier", false, primitive(Tag.octetString, keyIdentifier(subjectPublicKeyInfo)))
}

/** AuthorityKeyIdentifier that names the issuer's key: a non-critical extension. */
export function authorityKeyIdentifier(issuerPublicKeyInfo: Uint8Array): CertificateExtension {
  const identifier = primitive(contextTag(0), keyIdentifier(issuerPublicKeyInfo))
  return extension("authorityKeyIdentifier", false, constructed(Tag.sequence, identifier))
}

/** The first 20 bytes of the SHA-256 of the public key bits (RFC 7093 §2, method 1). */
function keyIdentifier(subjectPublicKeyInfo: Uint8Array): Uint8Array {
  const [, publicKey] = childrenOf(parseDer(subjectPublicKeyInfo), Tag.sequence)
  return sha256(octetsOfBitString(publicKey)).subarray(0, KEY_IDENTIFIER_BYTES)
}

function extension(name: keyof typeof ExtensionOid, critical: boolean, value: DerElement): CertificateExtension {
  return { oid: ExtensionOid[name], critical, value: encodeDer(value) }
}
