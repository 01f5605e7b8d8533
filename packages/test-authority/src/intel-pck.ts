import type { KeyObject } from "node:crypto"
import {
  constructed,
  encodeDer,
  generateP256Key,
  integer,
  objectIdentifier,
  parseCertificate,
  primitive,
  Tag,
  type CertificateExtension,
  type DerElement,
} from "@contrast/crypto"
import { INTEL_LEAF, intelAuthorities, randomSerial, type IntelAuthority } from "./intel-authority.ts"
import { intelName, issueIntelCertificate } from "./intel-certificate.ts"

/** A played platform, as its certificate names it. */
export interface IntelPlatform {
  readonly ppid: Uint8Array
  readonly components: readonly number[]
  readonly pceSvn: number
  readonly pceId: Uint8Array
  readonly fmspc: Uint8Array
  readonly sgxType: number
  readonly piid: Uint8Array | undefined
  readonly configuration:
    { readonly dynamicPlatform: boolean; readonly cachedKeys: boolean; readonly smtEnabled: boolean } | undefined
}

/** A platform in the best state. */
export const INTEL_PLATFORM: IntelPlatform = {
  ppid: new Uint8Array(16).fill(0x0a),
  components: [3, 3, 2, 2, 4, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0],
  pceSvn: 11,
  pceId: new Uint8Array(2),
  fmspc: Uint8Array.of(0xb0, 0xc0, 0x6f, 0, 0, 0),
  sgxType: 2,
  piid: new Uint8Array(16).fill(0x0b),
  configuration: { dynamicPlatform: false, cachedKeys: true, smtEnabled: false },
}

/** What a platform's certificate is issued with. */
export interface IntelPckOptions {
  readonly platform?: Partial<IntelPlatform>
  readonly issuer?: IntelAuthority
  readonly commonName?: string
  readonly notAfter?: Date
  /** Constraints in place of a leaf's, and whatever else. */
  readonly extensions?: readonly CertificateExtension[]
  /** The platform's extension in place of the one that says what `platform` says. */
  readonly sgxExtension?: Uint8Array
}

const SGX = "1.2.840.113741.1.13.1"
const ENUMERATED = 0x0a

/** Issues the certificate of a platform, with a key of its own. */
export function issueIntelPck({
  platform = {},
  issuer = intelAuthorities().platformCa,
  commonName = "Intel SGX PCK Certificate",
  notAfter = new Date("2032-01-01T00:00:00Z"),
  extensions = INTEL_LEAF,
  sgxExtension = encodeSgxExtension({ ...INTEL_PLATFORM, ...platform }),
}: IntelPckOptions = {}): IntelAuthority {
  const key: KeyObject = generateP256Key()
  const der = issueIntelCertificate({
    subject: intelName(commonName),
    issuer: issuer.certificate.subject,
    subjectKey: key,
    issuerKey: issuer.key,
    serialNumber: randomSerial(),
    notBefore: new Date("2025-01-01T00:00:00Z"),
    notAfter,
    extensions: [...extensions, { oid: SGX, critical: false, value: sgxExtension }],
  })
  return { key, certificate: parseCertificate(der) }
}

/** The extension of Intel's certificates that says what the platform is. @returns DER. */
export function encodeSgxExtension(platform: IntelPlatform): Uint8Array {
  const { components, configuration, piid } = platform
  const tcb = [
    ...components.map((svn, index) => entry(`2.${index + 1}`, number(svn))),
    entry("2.17", number(platform.pceSvn)),
    entry("2.18", octets(Uint8Array.from(components))),
  ]
  const flags = configuration && [configuration.dynamicPlatform, configuration.cachedKeys, configuration.smtEnabled]
  const entries = [
    entry("1", octets(platform.ppid)),
    entry("2", constructed(Tag.sequence, ...tcb)),
    entry("3", octets(platform.pceId)),
    entry("4", octets(platform.fmspc)),
    entry("5", primitive(ENUMERATED, Uint8Array.of(platform.sgxType))),
    ...(piid ? [entry("6", octets(piid))] : []),
    ...(flags
      ? [entry("7", constructed(Tag.sequence, ...flags.map((value, index) => entry(`7.${index + 1}`, flag(value)))))]
      : []),
  ]
  return encodeDer(constructed(Tag.sequence, ...entries))
}

function entry(number: string, value: DerElement): DerElement {
  return constructed(Tag.sequence, objectIdentifier(`${SGX}.${number}`), value)
}

function octets(bytes: Uint8Array): DerElement {
  return primitive(Tag.octetString, bytes)
}

function number(value: number): DerElement {
  return integer(Uint8Array.of(value >> 8, value & 0xff))
}

function flag(value: boolean): DerElement {
  return primitive(Tag.boolean, Uint8Array.of(value ? 0xff : 0))
}
