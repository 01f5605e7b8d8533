import { equalBytes } from "../bytes.ts"
import { CryptoError } from "../error.ts"
import { type DerElement, Tag, constructed, objectIdentifier, primitive } from "./der.ts"
import { childrenOf, contentOf, objectIdentifierOf } from "./der-reading.ts"

/** An X.509 v3 extension. */
export interface CertificateExtension {
  /** In dotted form. */
  readonly oid: string
  /** Whether a verifier that does not know it must refuse the certificate. */
  readonly critical: boolean
  /** The exact content of the OCTET STRING. */
  readonly value: Uint8Array
}

/** Extensions of RFC 5280 §4.2.1 that we write or check. */
export const ExtensionOid = {
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
} as const

/** DER knows no other octet for true, and leaves a default of false out (X.690 §11.1, §11.5). */
const TRUE_CONTENT = Uint8Array.of(0xff)
const TRUE = primitive(Tag.boolean, TRUE_CONTENT)

/** An Extension (RFC 5280 §4.1). */
export function extensionElement({ oid, critical, value }: CertificateExtension): DerElement {
  const flag = critical ? [TRUE] : []
  return constructed(Tag.sequence, objectIdentifier(oid), ...flag, primitive(Tag.octetString, value))
}

/**
 * Reads the Extensions of a certificate, of a revocation list or of one of its entries.
 *
 * @throws {@link CryptoError} `DER` on malformed or repeated extensions (RFC 5280 §4.2).
 */
export function parseExtensions(element: DerElement): readonly CertificateExtension[] {
  const extensions = childrenOf(element, Tag.sequence).map(parseExtension)
  if (new Set(extensions.map(({ oid }) => oid)).size !== extensions.length) {
    throw new CryptoError("DER", "expected every extension once")
  }
  return extensions
}

function parseExtension(element: DerElement): CertificateExtension {
  const [id, ...rest] = childrenOf(element, Tag.sequence)
  const [flag, value] = rest.length === 1 ? [undefined, rest[0]] : rest
  if (rest.length > 2 || (flag !== undefined && !equalBytes(contentOf(flag, Tag.boolean), TRUE_CONTENT))) {
    throw new CryptoError("DER", "expected an extension of identifier, critical flag and value")
  }
  return { oid: objectIdentifierOf(id), critical: flag !== undefined, value: contentOf(value, Tag.octetString) }
}

/** The extension with this identifier. */
export function findExtension(
  extensions: readonly CertificateExtension[],
  oid: string,
): CertificateExtension | undefined {
  return extensions.find((extension) => extension.oid === oid)
}
