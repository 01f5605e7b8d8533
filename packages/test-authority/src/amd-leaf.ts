import type { KeyObject } from "node:crypto"
import { encodeDer, encodeUtf8, integer, primitive, Tag, type CertificateExtension } from "@contrast/crypto"
import { amdAuthorities, type AmdAuthority, type AmdLine } from "./amd-authority.ts"
import { issueAmdCertificate } from "./amd-certificate.ts"
import { AMD_TCB, amdHardwareId, amdSigningKey, type AmdKeyKind, type AmdTcb } from "./amd-chip.ts"
import { amdName } from "./amd-name.ts"
import type { AmdSigning } from "./amd-signature.ts"

/** What a leaf says; the defaults fit the reports of `signAmdReport`. */
export interface AmdLeafOptions {
  readonly line?: AmdLine
  readonly kind?: AmdKeyKind
  readonly commonName?: string
  readonly productName?: string
  readonly tcb?: Partial<AmdTcb>
  /** Raw bytes of the extension. */
  readonly hardwareId?: Uint8Array
  readonly notBefore?: Date
  readonly notAfter?: Date
  readonly key?: KeyObject
  readonly issuer?: AmdAuthority
  readonly signing?: AmdSigning
  /** Changes the extensions before they are signed. */
  readonly changeExtensions?: (extensions: readonly CertificateExtension[]) => readonly CertificateExtension[]
}

const AMD_OID = "1.3.6.1.4.1.3704.1"
const SERIAL_NUMBER = Uint8Array.of(0)

/** Issues a VCEK or VLEK certificate of the played AMD, in the form of the line. @returns DER. */
export function issueAmdLeaf(options: AmdLeafOptions = {}): Uint8Array {
  const { line = "Milan", kind = "VCEK" } = options
  const { ask, asvk } = amdAuthorities(line)
  const { issuer = kind === "VCEK" ? ask : asvk, key = amdSigningKey(kind), signing } = options
  const extensions = extensionsOf(line, kind, options)
  return issueAmdCertificate({
    subject: amdName(options.commonName ?? `SEV-${kind}`),
    subjectKey: key,
    issuer: issuer.certificate.subject,
    issuerKey: issuer.key,
    serialNumber: SERIAL_NUMBER,
    notBefore: options.notBefore ?? new Date("2025-01-01T00:00:00Z"),
    notAfter: options.notAfter ?? new Date("2032-01-01T00:00:00Z"),
    extensions: options.changeExtensions?.(extensions) ?? extensions,
    ...(signing && { signing }),
  })
}

/** One of AMD's extensions, by its number below AMD's prefix. */
export function amdExtension(suffix: string, value: Uint8Array): CertificateExtension {
  return { oid: `${AMD_OID}.${suffix}`, critical: false, value }
}

function extensionsOf(line: AmdLine, kind: AmdKeyKind, options: AmdLeafOptions): readonly CertificateExtension[] {
  const isTurin = line === "Turin"
  const tcb = { ...AMD_TCB, ...options.tcb }
  const number = (suffix: string, value: number): CertificateExtension =>
    amdExtension(suffix, encodeDer(integer(Uint8Array.of(value))))
  const text = (suffix: string, value: string): CertificateExtension =>
    amdExtension(suffix, encodeDer(primitive(Tag.ia5String, encodeUtf8(value))))
  return [
    number("1", isTurin ? 1 : 0),
    text("2", options.productName ?? (kind === "VCEK" && line === "Milan" ? "Milan-B0" : line)),
    ...[number("3.1", tcb.bootloader), number("3.2", tcb.tee), number("3.3", tcb.snp)],
    ...(isTurin ? ["5", "6", "7"] : ["4", "5", "6", "7"]).map((spare) => number(`3.${spare}`, 0)),
    number("3.8", tcb.microcode),
    ...(isTurin ? [number("3.9", tcb.fmc)] : []),
    kind === "VCEK" ? amdExtension("4", options.hardwareId ?? amdHardwareId(line)) : text("5", "CN=cc-test.example"),
  ]
}
