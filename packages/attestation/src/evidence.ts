import type { Certificate, CertificateExtension } from "@contrast/crypto"
import type { PolicyHash, Technology } from "@contrast/manifest"
import type { Verdict } from "./verdict.ts"

/** Object identifiers of the evidence formats; also those of the certificate extensions that carry them. */
export const EVIDENCE_OIDS: Readonly<Record<EvidencePlatform, string>> = {
  snp: "1.3.9901.2.1",
  tdx: "1.3.9901.2.2",
  insecure: "1.3.9901.2.99",
}

/** What evidence comes from: a processor, or a machine that can prove nothing. */
export type EvidencePlatform = Technology

/** Largest document that a verifier looks at. */
export const MAX_DOCUMENT_BYTES: number = 128 * 1024

/** Largest certificate that a verifier accepts in evidence or collateral. */
export const MAX_CERTIFICATE_BYTES: number = 8 * 1024

/** Evidence as it arrives; nothing in it has been checked yet. */
export interface Evidence {
  /** Dotted object identifier of the format. */
  readonly oid: string
  readonly document: Uint8Array
}

/** Makes evidence about the machine that this runs on. */
export interface Issuer {
  /** The format of its evidence. */
  readonly oid: string
  /**
   * Issues evidence over the report data; hardware takes tens of milliseconds.
   *
   * @param reportData - 64 bytes.
   * @param signal - The evidence is not wanted any more; an issuer whose callers wait for each other then skips this one.
   */
  issue(reportData: Uint8Array, signal?: AbortSignal): Promise<Evidence>
}

/** What is known of a peer whose evidence was accepted. */
export interface Attested {
  readonly platform: EvidencePlatform
  /** Hash of the peer's policy: its host data. A manifest names it, unless the validator was to take any. */
  readonly policyHash: PolicyHash
  /** Extensions that pass the evidence's claims on to whoever sees a certificate issued for the peer. */
  readonly claims: () => readonly CertificateExtension[]
  readonly verdict: Verdict
}

/** What evidence is judged with, besides the reference values. */
export interface ValidationContext {
  /** What the report data must be, 64 bytes. */
  readonly reportData: Uint8Array
  readonly now: Date
}

/** Judges evidence of one format by one manifest. */
export interface Validator {
  readonly oid: string
  /**
   * @returns What the evidence proves.
   * @throws AttestationError if it proves nothing.
   */
  validate(document: Uint8Array, context: ValidationContext): Promise<Attested>
}

/** The evidence inside a certificate: its first extension of a known format. */
export function findEvidence(certificate: Certificate): Evidence | undefined {
  const known = Object.values(EVIDENCE_OIDS)
  const extension = certificate.extensions.find(({ oid }) => known.includes(oid))
  return extension && { oid: extension.oid, document: extension.value }
}
