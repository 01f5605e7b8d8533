import {
  childrenOf,
  contentOf,
  encodeDer,
  equalBytes,
  explicitTag,
  hasTag,
  octetsOfBitString,
  parseDer,
  parseExtensions,
  parseTime,
  Tag,
  type DerElement,
} from "@contrast/crypto"

/** A certificate revocation list, read; nothing in it has been verified. */
export interface RevocationList {
  /** Exact DER of the issuer's Name. */
  readonly issuer: Uint8Array
  readonly thisUpdate: Date
  readonly nextUpdate: Date
  /** Serial numbers as hexadecimal text without leading zeros, since they are compared as integers. */
  readonly revoked: ReadonlySet<string>
  /** What the signature covers. */
  readonly signedBytes: Uint8Array
  readonly signatureAlgorithm: Uint8Array
  readonly signature: Uint8Array
}

const MAX_CRL_BYTES = 1024 * 1024
const MAX_ENTRIES = 20_000
const VERSION_2 = 1
const MAX_SERIAL_BYTES = 20

/**
 * Reads an X.509 CRL v2 (RFC 5280 §5.1). A list without `nextUpdate` is refused: nobody could tell when it ends.
 *
 * @throws any error on anything else; the caller names the refusal.
 */
export function parseRevocationList(der: Uint8Array): RevocationList {
  const [signed, algorithm, signature, ...others] = childrenOf(parseDer(der, MAX_CRL_BYTES), Tag.sequence)
  if (signed === undefined || algorithm === undefined || others.length > 0) throw new RangeError("not a CRL")
  const { innerAlgorithm, ...content } = readContent(childrenOf(signed, Tag.sequence))
  const signatureAlgorithm = encodeDer(algorithm)
  if (!equalBytes(signatureAlgorithm, innerAlgorithm)) throw new RangeError("two signature algorithms")
  return { ...content, signedBytes: encodeDer(signed), signatureAlgorithm, signature: octetsOfBitString(signature) }
}

/** A serial number as {@link RevocationList.revoked} holds it. */
export function serialText(serialNumber: Uint8Array): string {
  if (serialNumber.length > MAX_SERIAL_BYTES + 1) throw new RangeError("serial number is too long")
  return Buffer.from(serialNumber).toString("hex").replace(/^0+/, "") || "0"
}

type Content = Omit<RevocationList, "signedBytes" | "signatureAlgorithm" | "signature">

function readContent(fields: readonly DerElement[]): Content & { readonly innerAlgorithm: Uint8Array } {
  const [version, algorithm, issuer, thisUpdate, nextUpdate, ...rest] = fields
  if (algorithm === undefined || issuer === undefined) throw new RangeError("not a CRL")
  if (!equalBytes(contentOf(version, Tag.integer), Uint8Array.of(VERSION_2))) throw new RangeError("not version 2")
  const [first, ...extensions] = rest
  const hasEntries = first !== undefined && hasTag(first, Tag.sequence)
  checkExtensions(hasEntries ? extensions : rest)
  return {
    innerAlgorithm: encodeDer(algorithm),
    issuer: encodeDer(issuer),
    thisUpdate: parseTime(thisUpdate),
    nextUpdate: parseTime(nextUpdate),
    revoked: readEntries(hasEntries ? childrenOf(first, Tag.sequence) : []),
  }
}

function readEntries(entries: readonly DerElement[]): ReadonlySet<string> {
  if (entries.length > MAX_ENTRIES) throw new RangeError("too many entries")
  return new Set(entries.map(readEntry))
}

function readEntry(entry: DerElement): string {
  const [serial, date, extensions, ...others] = childrenOf(entry, Tag.sequence)
  parseTime(date)
  if (others.length > 0) throw new RangeError("not an entry of a CRL")
  if (extensions !== undefined) refuseCritical(extensions)
  return serialText(contentOf(serial, Tag.integer))
}

function checkExtensions(elements: readonly DerElement[]): void {
  const [wrapped, ...others] = elements
  if (others.length > 0) throw new RangeError("not a CRL")
  if (wrapped === undefined) return
  const [extensions, ...more] = childrenOf(wrapped, explicitTag(0))
  if (extensions === undefined || more.length > 0) throw new RangeError("not a CRL")
  refuseCritical(extensions)
}

/** A critical extension may narrow what a list covers, or whom an entry means (RFC 5280 §5.2.5, §5.3.3): none is accepted. */
function refuseCritical(extensions: DerElement): void {
  if (parseExtensions(extensions).some(({ critical }) => critical)) throw new RangeError("critical extension")
}
