import { ENCLAVE_REPORT_BYTES, type EnclaveReport, parseEnclaveReport } from "./enclave-report.ts"
import { HEADER_BYTES, parseQuoteHeader, TEE_TDX, type QuoteHeader } from "./quote-header.ts"
import { TdxQuoteError } from "./quote-error.ts"
import { QuoteReader } from "./quote-reader.ts"
import { readQuoteSignature, type QuoteSignature } from "./quote-signature.ts"
import { parseTdReport, TD_REPORT_15_BYTES, TD_REPORT_BYTES, type TdReport } from "./td-report.ts"

/** Largest quote that is looked at; real ones have about 5,000 bytes. */
export const MAX_QUOTE_BYTES: number = 64 * 1024

/** Kinds of body as version 5 numbers them: an SGX enclave, a TD of TDX 1.0, a TD of TDX 1.5. */
export type QuoteBodyType = 1 | 2 | 3

/** A quote, read; nothing in it is authenticated yet. */
export interface TdxQuote extends QuoteSignature {
  /** The bytes as they came. */
  readonly raw: Uint8Array
  readonly header: QuoteHeader
  readonly bodyType: QuoteBodyType
  /** A TD; an enclave in quotes of SGX, which are read for the sake of what they have in common, and refused. */
  readonly body: TdReport | EnclaveReport
  /** Header, descriptor and body: what the attestation key signed. */
  readonly signedBytes: Uint8Array
  /** The declared length of the signature data. */
  readonly signatureDataBytes: number
  /** What follows the signature data; zero padding in honest quotes. */
  readonly trailing: Uint8Array
}

const KNOWN_VERSIONS: readonly number[] = [3, 4, 5]
const BODY_BYTES: Readonly<Record<QuoteBodyType, number>> = {
  1: ENCLAVE_REPORT_BYTES,
  2: TD_REPORT_BYTES,
  3: TD_REPORT_15_BYTES,
}

/**
 * Reads a quote of version 4 or 5 (TDX), or 3 (SGX). Judges nothing but lengths and the kinds of parts.
 *
 * @throws {@link TdxQuoteError} `TDX_QUOTE_SIZE`, `TDX_QUOTE_VERSION`, `TDX_BODY_TYPE`, `TDX_AUTH_SIZE` or `TDX_CERT_DATA_FORM`.
 */
export function parseTdxQuote(raw: Uint8Array): TdxQuote {
  if (raw.length > MAX_QUOTE_BYTES) {
    throw new TdxQuoteError("TDX_QUOTE_SIZE", `expected at most ${MAX_QUOTE_BYTES} bytes, got ${raw.length}`)
  }
  const reader = new QuoteReader(raw, "TDX_QUOTE_SIZE")
  const header = parseQuoteHeader(reader.take(HEADER_BYTES))
  if (!KNOWN_VERSIONS.includes(header.version)) {
    throw new TdxQuoteError("TDX_QUOTE_VERSION", `expected version 4 or 5, got ${header.version}`)
  }
  const bodyType = readBodyType(reader, header)
  const body = reader.take(BODY_BYTES[bodyType])
  const signedBytes = raw.subarray(0, reader.offset)
  const signatureDataBytes = reader.u32()
  const signature = readQuoteSignature(reader.part(signatureDataBytes, "TDX_AUTH_SIZE"), header.version)
  return {
    ...signature,
    raw,
    header,
    bodyType,
    body: bodyType === 1 ? parseEnclaveReport(body) : parseTdReport(body),
    signedBytes,
    signatureDataBytes,
    trailing: reader.rest(),
  }
}

/** Version 5 says what its body is; before, the kind of machine decides. */
function readBodyType(reader: QuoteReader, { version, teeType }: QuoteHeader): QuoteBodyType {
  if (version < 5) return teeType === TEE_TDX ? 2 : 1
  const type = reader.u16()
  const size = reader.u32()
  if ((type !== 2 && type !== 3) || size !== BODY_BYTES[type]) {
    throw new TdxQuoteError("TDX_BODY_TYPE", `expected a TD of TDX 1.0 or 1.5, got type ${type} of ${size} bytes`)
  }
  return type
}
