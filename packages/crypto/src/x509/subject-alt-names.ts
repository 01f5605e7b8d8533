import { encodeUtf8 } from "../bytes.ts"
import { CryptoError } from "../error.ts"
import { Tag, constructed, contextTag, encodeDer, primitive } from "./der.ts"
import { type CertificateExtension, ExtensionOid } from "./extensions.ts"
import { encodeIpAddress, findIpAddress } from "./ip-address.ts"

/** RFC 1035 §2.3.4, without the dot and the length octets around it. */
const MAX_DNS_CHARACTERS = 253
const MAX_URI_CHARACTERS = 2048
/** What still leaves room in a certificate that every TLS stack takes. */
const MAX_CHARACTERS = 32 * 1024

const DNS_LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i
const FOUR_NUMBERS = /^\d+(?:\.\d+){3}$/
/** Scheme and the alphabet of RFC 3986; its structure is left to the URL parser. */
const URI = /^[a-z][a-z0-9+.-]*:(?:[a-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9a-f]{2})+$/i
const HOST_AND_PORT = /^[^/]*:\d+$/

/** Numbers of the GeneralName choices (RFC 5280 §4.2.1.6). */
const DNS_NAME = contextTag(2)
const UNIFORM_RESOURCE_IDENTIFIER = contextTag(6)
const IP_ADDRESS = contextTag(7)

/** The names of a certificate by kind, each list in the order given. */
export interface SubjectAltNames {
  /** Host names; `*` alone or as the first label is a wildcard. */
  readonly dns: readonly string[]
  /** Canonical text, see {@link findIpAddress}. */
  readonly ips: readonly string[]
  readonly uris: readonly string[]
}

/**
 * Sorts the names of a policy entry into DNS names, IP addresses and URIs.
 *
 * @throws {@link CryptoError} `SUBJECT_ALT_NAME` on a name that is none of the three, a host with a port, or over 32 KiB of names.
 */
export function parseSubjectAltNames(names: readonly string[]): SubjectAltNames {
  const characters = names.reduce((total, name) => total + name.length, 0)
  if (characters > MAX_CHARACTERS) {
    throw new CryptoError(
      "SUBJECT_ALT_NAME",
      `expected at most ${MAX_CHARACTERS} characters of names, got ${characters}`,
    )
  }
  const sorted = names.map(parseName)
  const ofKind = (kind: Kind): string[] => sorted.filter((name) => name.kind === kind).map(({ text }) => text)
  return { dns: ofKind("dns"), ips: ofKind("ip"), uris: ofKind("uri") }
}

/**
 * The SubjectAltName extension: DNS names, then IP addresses, then URIs.
 *
 * @throws {@link CryptoError} `SUBJECT_ALT_NAME` when there is no name at all.
 */
export function encodeSubjectAltNames(
  { dns, ips, uris }: SubjectAltNames,
  { critical }: { readonly critical: boolean },
): CertificateExtension {
  const names = [
    ...dns.map((name) => primitive(DNS_NAME, encodeUtf8(name))),
    ...ips.map((address) => primitive(IP_ADDRESS, encodeIpAddress(address))),
    ...uris.map((uri) => primitive(UNIFORM_RESOURCE_IDENTIFIER, encodeUtf8(uri))),
  ]
  if (names.length === 0) {
    throw new CryptoError("SUBJECT_ALT_NAME", "expected at least one name")
  }
  return { oid: ExtensionOid.subjectAltName, critical, value: encodeDer(constructed(Tag.sequence, ...names)) }
}

type Kind = "dns" | "ip" | "uri"

function parseName(text: string): { readonly kind: Kind; readonly text: string } {
  const address = findIpAddress(text)
  if (address !== undefined) {
    return { kind: "ip", text: address }
  }
  if (isDnsName(text)) {
    return { kind: "dns", text }
  }
  if (HOST_AND_PORT.test(text)) {
    throw new CryptoError("SUBJECT_ALT_NAME", `a name in a certificate has no port: ${quote(text)}`)
  }
  if (isUri(text)) {
    return { kind: "uri", text }
  }
  throw new CryptoError("SUBJECT_ALT_NAME", `expected a DNS name, an IP address or a URI, got ${quote(text)}`)
}

function isDnsName(text: string): boolean {
  const labels = text.startsWith("*.") ? text.slice(2).split(".") : text.split(".")
  return (
    text === "*" ||
    (text.length <= MAX_DNS_CHARACTERS && labels.every((label) => DNS_LABEL.test(label)) && !FOUR_NUMBERS.test(text))
  )
}

function isUri(text: string): boolean {
  return text.length <= MAX_URI_CHARACTERS && URI.test(text) && URL.canParse(text)
}

function quote(text: string): string {
  return JSON.stringify(text.length > MAX_DNS_CHARACTERS ? `${text.slice(0, MAX_DNS_CHARACTERS)}…` : text)
}
