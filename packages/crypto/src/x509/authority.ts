import { equalBytes } from "../bytes.ts"
import { CryptoError } from "../error.ts"
import { type Certificate } from "./certificate.ts"
import { type DerElement, Tag } from "./der.ts"
import { childrenOf, contentOf, parseDer } from "./der-reading.ts"
import { ExtensionOid, findExtension } from "./extensions.ts"

/** keyCertSign is bit 5 of KeyUsage, counted from the highest (RFC 5280 §4.2.1.3). */
const KEY_CERT_SIGN = 0x80 >> 5
/** DER knows no other octet for true (X.690 §11.1). */
const TRUE = Uint8Array.of(0xff)

/**
 * Checks that a certificate may issue others.
 *
 * @param depth - How many authorities stand below it on the path.
 * @throws {@link CryptoError} `CERTIFICATE_AUTHORITY`.
 */
export function checkAuthority(certificate: Certificate, depth: number): void {
  const limit = readPathLimit(certificate)
  if (limit === undefined || !mayIssue(certificate)) {
    throw new CryptoError("CERTIFICATE_AUTHORITY", "the issuer is not a certificate authority")
  }
  if (depth > limit) {
    throw new CryptoError("CERTIFICATE_AUTHORITY", `the issuer allows ${limit} authorities below it, got ${depth}`)
  }
}

/** How many authorities may stand below this one; `undefined` when it is none itself (RFC 5280 §4.2.1.9). */
function readPathLimit({ extensions }: Certificate): number | undefined {
  const constraints = findExtension(extensions, ExtensionOid.basicConstraints)
  return constraints && read(() => parseConstraints(constraints.value))
}

function parseConstraints(value: Uint8Array): number | undefined {
  const [authority, limit, ...others] = childrenOf(parseDer(value), Tag.sequence)
  if (authority === undefined) {
    return undefined
  }
  if (!equalBytes(contentOf(authority, Tag.boolean), TRUE) || others.length > 0) {
    throw new CryptoError("DER", "expected a true flag and at most a path length")
  }
  return limit === undefined ? Infinity : parseSmallInteger(limit)
}

/** Whether KeyUsage, if there is one, allows to sign certificates. */
function mayIssue({ extensions }: Certificate): boolean {
  const usage = findExtension(extensions, ExtensionOid.keyUsage)
  if (usage === undefined) {
    return true
  }
  const [, bits = 0] = read(() => contentOf(parseDer(usage.value), Tag.bitString))
  return (bits & KEY_CERT_SIGN) !== 0
}

/** A path longer than 127 has never been seen. */
function parseSmallInteger(element: DerElement): number {
  const [value = 0x80, ...others] = contentOf(element, Tag.integer)
  if (value > 0x7f || others.length > 0) {
    throw new CryptoError("DER", "expected a number between 0 and 127")
  }
  return value
}

function read<T>(parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    throw new CryptoError("CERTIFICATE_AUTHORITY", "expected well-formed constraints and key usage", { cause })
  }
}
