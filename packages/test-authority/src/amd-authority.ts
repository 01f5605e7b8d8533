import { generateKeyPairSync, type KeyObject } from "node:crypto"
import { decodeHex, parseCertificate, type Certificate, type CertificateExtension } from "@contrast/crypto"
import { issueAmdCertificate } from "./amd-certificate.ts"
import { amdName } from "./amd-name.ts"

/** A family of AMD processors. */
export type AmdLine = "Milan" | "Genoa" | "Turin"

/** A played authority: its key and its certificate. */
export interface AmdAuthority {
  readonly key: KeyObject
  readonly certificate: Certificate
}

/** The authorities of one line: root, issuer of VCEKs, issuer of VLEKs. */
export interface AmdAuthorities {
  readonly ark: AmdAuthority
  readonly ask: AmdAuthority
  readonly asvk: AmdAuthority
}

/** Trust roots in the form that a verifier takes. */
export type AmdTestRoots = Readonly<
  Record<AmdLine, { readonly ark: Certificate; readonly issuers: Readonly<Record<"VCEK" | "VLEK", Certificate>> }>
>

/** AMD has 4096 bits; whoever verifies does not look at the size, and short keys are made fast. */
const KEY_BITS = 2048
const NOT_BEFORE = new Date("2022-01-01T00:00:00Z")
const NOT_AFTER = new Date("2047-01-01T00:00:00Z")
const SERIAL_OF_LINE: Readonly<Record<AmdLine, string>> = { Milan: "01", Genoa: "02", Turin: "03" }

/** Basic constraints and key usage in DER: an authority over authorities, and one over leaves. */
const ROOT_EXTENSIONS: readonly CertificateExtension[] = [
  { oid: "2.5.29.19", critical: true, value: decodeHex("30030101ff") },
  { oid: "2.5.29.15", critical: true, value: decodeHex("03020106") },
]
const ISSUER_EXTENSIONS: readonly CertificateExtension[] = [
  { oid: "2.5.29.19", critical: true, value: decodeHex("30060101ff020100") },
  { oid: "2.5.29.15", critical: true, value: decodeHex("03020204") },
]

const made = new Map<AmdLine, AmdAuthorities>()

/** The played authorities of a line, with AMD's names and serials and keys of their own; made once in a process. */
export function amdAuthorities(line: AmdLine): AmdAuthorities {
  const known = made.get(line) ?? createAuthorities(line)
  made.set(line, known)
  return known
}

/** What a verifier has to be given to believe the played AMD. */
export function amdTestRoots(): AmdTestRoots {
  return { Milan: rootsOf("Milan"), Genoa: rootsOf("Genoa"), Turin: rootsOf("Turin") }
}

/** A stranger with a name like an authority's, whom no root vouches for. */
export function createStranger(commonName: string): AmdAuthority {
  return createAuthority({ commonName, serial: "01", extensions: ROOT_EXTENSIONS })
}

function rootsOf(line: AmdLine): AmdTestRoots[AmdLine] {
  const { ark, ask, asvk } = amdAuthorities(line)
  return { ark: ark.certificate, issuers: { VCEK: ask.certificate, VLEK: asvk.certificate } }
}

function createAuthorities(line: AmdLine): AmdAuthorities {
  const serial = SERIAL_OF_LINE[line]
  const ark = createAuthority({ commonName: `ARK-${line}`, serial: `${serial}0000`, extensions: ROOT_EXTENSIONS })
  const issuer = (commonName: string, end: string): AmdAuthority =>
    createAuthority({ commonName, serial: serial + end, extensions: ISSUER_EXTENSIONS, ark })
  return { ark, ask: issuer(`SEV-${line}`, "0001"), asvk: issuer(`SEV-VLEK-${line}`, "0101") }
}

interface AuthorityInputs {
  readonly commonName: string
  readonly serial: string
  readonly extensions: readonly CertificateExtension[]
  /** Who issues it; itself if absent. */
  readonly ark?: AmdAuthority
}

function createAuthority({ commonName, serial, extensions, ark }: AuthorityInputs): AmdAuthority {
  const { privateKey: key } = generateKeyPairSync("rsa", { modulusLength: KEY_BITS })
  const subject = amdName(commonName)
  const der = issueAmdCertificate({
    ...{ subject, subjectKey: key, extensions, notBefore: NOT_BEFORE, notAfter: NOT_AFTER },
    issuer: ark?.certificate.subject ?? subject,
    issuerKey: ark?.key ?? key,
    serialNumber: decodeHex(serial),
  })
  return { key, certificate: parseCertificate(der) }
}
