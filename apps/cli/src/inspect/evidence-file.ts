import {
  EVIDENCE_OIDS,
  type Evidence,
  encodeSnpDocument,
  encodeTdxDocument,
  findEvidence,
  MAX_DOCUMENT_BYTES,
  parseSnpDocument,
  parseTdxDocument,
  REPORT_BYTES,
  type SnpDocument,
} from "@contrast/attestation"
import { parseCertificate, parseCertificatesPem } from "@contrast/crypto"
import { CliError } from "../error.ts"
import { readFileBounded } from "../file-reader.ts"

/** What a file was found to hold. */
export type EvidenceForm = "report" | "quote" | "evidence document" | "attested certificate"

/** Evidence out of a file; nothing in it has been checked. */
export type EvidenceFile =
  | {
      readonly platform: "snp"
      readonly form: EvidenceForm
      readonly parts: Partial<SnpDocument> & Pick<SnpDocument, "report">
      readonly evidence: Evidence
    }
  | {
      readonly platform: "tdx"
      readonly form: EvidenceForm
      readonly quote: Uint8Array
      readonly evidence: Evidence | undefined
    }
  | { readonly platform: "insecure"; readonly form: EvidenceForm; readonly evidence: Evidence }

/** Twice the largest document, which may be there as hexadecimal digits. */
const MAX_FILE_BYTES = 2 * MAX_DOCUMENT_BYTES + 64 * 1024

/**
 * Reads evidence in any of its forms: a raw report or quote, an evidence document, an attested certificate in PEM or DER,
 * and hexadecimal or base64 text of any of them.
 *
 * @throws {@link CliError} `EVIDENCE_FILE`, or what reading a file throws.
 */
export async function readEvidenceFile(path: string): Promise<EvidenceFile> {
  const bytes = await readFileBounded(path, MAX_FILE_BYTES)
  const found = recognise(bytes) ?? recogniseText(findText(bytes) ?? "")
  if (found !== undefined) return found
  throw new CliError("EVIDENCE_FILE", `${path} is no evidence that is known here`, {
    hint: "expected an SEV-SNP report (1,184 bytes), a TDX quote, an evidence document or an attested certificate, raw, as hex or as base64",
  })
}

function recognise(bytes: Uint8Array): EvidenceFile | undefined {
  if (bytes.length === REPORT_BYTES && bytes[0] !== DOCUMENT_START) return fromReport(bytes)
  if (isQuote(bytes)) return fromQuote(bytes, "quote")
  if (bytes[0] === DOCUMENT_START) return fromDocument(bytes)
  return bytes[0] === CERTIFICATE_START ? fromCertificate(bytes) : undefined
}

function recogniseText(text: string): EvidenceFile | undefined {
  return findInPem(text) ?? recognise(decodeText(text))
}

/** The first field of either document is a message; no report or quote has that number as version. */
const DOCUMENT_START = 0x0a
/** An ASN.1 SEQUENCE. */
const CERTIFICATE_START = 0x30

/** Version 3 to 5, then the type of the key: 2 or 3. */
function isQuote([version = 0, zero, keyType = 0, alsoZero]: Uint8Array): boolean {
  return version >= 3 && version <= 5 && zero === 0 && (keyType === 2 || keyType === 3) && alsoZero === 0
}

function fromReport(report: Uint8Array): EvidenceFile {
  const evidence = { oid: EVIDENCE_OIDS.snp, document: encodeSnpDocument({ report }) }
  return { platform: "snp", form: "report", parts: { report }, evidence }
}

function fromQuote(quote: Uint8Array, form: EvidenceForm): EvidenceFile {
  const document = attempt(() => encodeTdxDocument(quote))
  return { platform: "tdx", form, quote, evidence: document && { oid: EVIDENCE_OIDS.tdx, document } }
}

/** Both documents begin alike. A report without a version is no report. */
function fromDocument(document: Uint8Array): EvidenceFile | undefined {
  const quote = attempt(() => parseTdxDocument(document))
  if (quote !== undefined) {
    return { platform: "tdx", form: "evidence document", quote, evidence: { oid: EVIDENCE_OIDS.tdx, document } }
  }
  const parts = attempt(() => parseSnpDocument(document))
  if (parts === undefined || parts.report[0] === 0) return undefined
  return { platform: "snp", form: "evidence document", parts, evidence: { oid: EVIDENCE_OIDS.snp, document } }
}

function fromCertificate(der: Uint8Array): EvidenceFile | undefined {
  const evidence = attempt(() => findEvidence(parseCertificate(der)))
  if (evidence === undefined) return undefined
  const form = "attested certificate"
  if (evidence.oid === EVIDENCE_OIDS.insecure) return { platform: "insecure", form, evidence }
  const found = fromDocument(evidence.document)
  return found && { ...found, form }
}

function findInPem(text: string): EvidenceFile | undefined {
  if (!text.includes("-----BEGIN CERTIFICATE-----")) return undefined
  const certificates = attempt(() => parseCertificatesPem(text)) ?? []
  return certificates.map(({ der }) => fromCertificate(der)).find((found) => found !== undefined)
}

function findText(bytes: Uint8Array): string | undefined {
  return attempt(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes))
}

/** Hexadecimal digits, or else base64 of either alphabet; what is neither becomes bytes that nobody knows. */
function decodeText(text: string): Uint8Array {
  const digits = text.replace(/\s/g, "")
  return new Uint8Array(Buffer.from(digits, /^(?:[0-9a-f]{2})+$/i.test(digits) ? "hex" : "base64"))
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
