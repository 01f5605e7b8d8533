import { contentOf, equalBytes, parseDer, Tag, type Certificate } from "@contrast/crypto"

const KEY_USAGE = "2.5.29.15"
const BASIC_CONSTRAINTS = "2.5.29.19"
/** Basic constraints in DER: no authority, and an authority with no other below it. */
const NO_AUTHORITY = Uint8Array.of(0x30, 0)
const LOWEST_AUTHORITY = Uint8Array.of(0x30, 6, 0x01, 1, 0xff, 0x02, 1, 0)
/** Bits of the key usage, the first one highest (RFC 5280 §4.2.1.3). */
const DIGITAL_SIGNATURE = 0x80
const CERTIFICATES_AND_LISTS = 0x06

/** Extensions that are read here, so that they may be critical. */
export const ROLE_EXTENSIONS: readonly string[] = [KEY_USAGE, BASIC_CONSTRAINTS]

/** Whether a certificate of Intel's may sign data, and is no authority. */
export function mayOnlySign(certificate: Certificate): boolean {
  return isConstrained(certificate, NO_AUTHORITY) && allows(certificate, DIGITAL_SIGNATURE)
}

/** Whether a certificate of Intel's may issue certificates of platforms and lists of revoked ones, and no authorities. */
export function mayIssuePlatforms(certificate: Certificate): boolean {
  return isConstrained(certificate, LOWEST_AUTHORITY) && allows(certificate, CERTIFICATES_AND_LISTS)
}

function isConstrained({ extensions }: Certificate, expected: Uint8Array): boolean {
  const constraints = extensions.find(({ oid }) => oid === BASIC_CONSTRAINTS)
  return constraints !== undefined && equalBytes(constraints.value, expected)
}

function allows({ extensions }: Certificate, bits: number): boolean {
  const usage = extensions.find(({ oid }) => oid === KEY_USAGE)
  try {
    const [, first = 0] = usage ? contentOf(parseDer(usage.value), Tag.bitString) : []
    return (first & bits) === bits
  } catch {
    return false
  }
}
