import { randomBytes, type KeyObject } from "node:crypto"
import {
  decodeHex,
  generateP256Key,
  parseCertificate,
  type Certificate,
  type CertificateExtension,
} from "@contrast/crypto"
import { intelName, issueIntelCertificate } from "./intel-certificate.ts"

/** Someone of the played Intel: a key and its certificate. */
export interface IntelAuthority {
  readonly key: KeyObject
  readonly certificate: Certificate
}

/** The played Intel: its root, the issuers of platforms' certificates, and who signs what it says of them. */
export interface IntelAuthorities {
  readonly root: IntelAuthority
  readonly platformCa: IntelAuthority
  readonly processorCa: IntelAuthority
  readonly tcbSigner: IntelAuthority
}

/** What an authority is made of. */
export interface IntelAuthorityOptions {
  readonly commonName: string
  readonly extensions?: readonly CertificateExtension[]
  /** Who issues it; itself by default. */
  readonly issuer?: IntelAuthority
  readonly notAfter?: Date
}

const NOT_BEFORE = new Date("2024-01-01T00:00:00Z")
const NOT_AFTER = new Date("2045-01-01T00:00:00Z")
const SERIAL_BYTES = 20

/** Basic constraints and key usage in DER: the root, the issuers below it, and leaves. */
const ROOT: readonly CertificateExtension[] = constraints("30060101ff020101", "03020106")
const ISSUER: readonly CertificateExtension[] = constraints("30060101ff020100", "03020106")
/** Constraints of a certificate that issues nothing. */
export const INTEL_LEAF: readonly CertificateExtension[] = constraints("3000", "030206c0")

let made: IntelAuthorities | undefined

/** The played authorities, with Intel's names and keys of their own; made once in a process. */
export function intelAuthorities(): IntelAuthorities {
  made ??= createIntelAuthorities(createIntelAuthority({ commonName: "Intel SGX Root CA", extensions: ROOT }))
  return made
}

/** Other authorities below a root, whom nobody has met before. */
export function createIntelAuthorities(root: IntelAuthority): IntelAuthorities {
  const below = (commonName: string, extensions = ISSUER): IntelAuthority =>
    createIntelAuthority({ commonName, extensions, issuer: root })
  return {
    root,
    platformCa: below("Intel SGX PCK Platform CA"),
    processorCa: below("Intel SGX PCK Processor CA"),
    tcbSigner: below("Intel SGX TCB Signing", INTEL_LEAF),
  }
}

/** Makes one authority, who may be a stranger with Intel's name. */
export function createIntelAuthority({
  commonName,
  extensions = ISSUER,
  issuer,
  notAfter = NOT_AFTER,
}: IntelAuthorityOptions): IntelAuthority {
  const key = generateP256Key()
  const subject = intelName(commonName)
  const der = issueIntelCertificate({
    ...{ subject, subjectKey: key, extensions, notBefore: NOT_BEFORE, notAfter },
    issuer: issuer?.certificate.subject ?? subject,
    issuerKey: issuer?.key ?? key,
    serialNumber: randomSerial(),
  })
  return { key, certificate: parseCertificate(der) }
}

/** A serial number of 20 bytes that begins with none that is zero. */
export function randomSerial(): Uint8Array {
  return Uint8Array.from(randomBytes(SERIAL_BYTES), (byte, index) => (index === 0 ? byte | 1 : byte))
}

function constraints(basic: string, usage: string): readonly CertificateExtension[] {
  return [
    { oid: "2.5.29.15", critical: true, value: decodeHex(usage) },
    { oid: "2.5.29.19", critical: true, value: decodeHex(basic) },
  ]
}
