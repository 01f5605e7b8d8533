import { ENCLAVE_REPORT_BYTES, type EnclaveReport, parseEnclaveReport } from "./enclave-report.ts"
import { TdxQuoteError } from "./quote-error.ts"
import type { QuoteReader } from "./quote-reader.ts"

/** Certification data: a chain of certificates in PEM, and what wraps it together with the quoting enclave. */
export const CERTIFICATION_PCK_CHAIN = 5
export const CERTIFICATION_QE_REPORT = 6

const SIGNATURE_BYTES = 64
const KEY_BYTES = 64

/** What makes a quote believable, read from its end. */
export interface QuoteSignature {
  /** Of header and body, by the attestation key: R and S, big-endian. */
  readonly signature: Uint8Array
  /** X and Y, big-endian. */
  readonly attestationKey: Uint8Array
  readonly qeReport: EnclaveReport
  /** Of the report, by the platform's certificate: R and S, big-endian. */
  readonly qeReportSignature: Uint8Array
  readonly qeAuthenticationData: Uint8Array
  /** PEM: the platform's certificate, its authority, the root. */
  readonly pckChain: Uint8Array
}

/**
 * Reads the signature data of a quote (SGX ECDSA Quote Library API, "ECDSA 256-bit Quote Signature Data Structure").
 * Of the kinds of certification data only the one that brings the chain is taken: any other leaves certificates to fetch.
 *
 * @throws TdxQuoteError `TDX_AUTH_SIZE` or `TDX_CERT_DATA_FORM`.
 */
export function readQuoteSignature(reader: QuoteReader, version: number): QuoteSignature {
  const signature = reader.take(SIGNATURE_BYTES)
  const attestationKey = reader.take(KEY_BYTES)
  const certification = version === 3 ? reader : readCertification(reader, CERTIFICATION_QE_REPORT)
  const qeReport = parseEnclaveReport(certification.take(ENCLAVE_REPORT_BYTES))
  const qeReportSignature = certification.take(SIGNATURE_BYTES)
  const qeAuthenticationData = certification.take(certification.u16())
  const pckChain = readCertification(certification, CERTIFICATION_PCK_CHAIN).rest()
  return { signature, attestationKey, qeReport, qeReportSignature, qeAuthenticationData, pckChain }
}

/** Type, size, data; the data is the last thing in its place. */
function readCertification(reader: QuoteReader, expected: number): QuoteReader {
  const type = reader.u16()
  if (type !== expected) {
    throw new TdxQuoteError("TDX_CERT_DATA_FORM", `expected certification data of type ${expected}, got ${type}`)
  }
  const data = reader.part(reader.u32(), "TDX_AUTH_SIZE")
  reader.end()
  return data
}
