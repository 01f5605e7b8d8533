import { encodeHex } from "@contrast/crypto"
import type { Checklist } from "../checklist.ts"
import { FORM_CODES, type TdxCode } from "./codes.ts"
import { MAX_QUOTE_BYTES, parseTdxQuote, type TdxQuote } from "./quote.ts"
import { TdxQuoteError } from "./quote-error.ts"
import { HEADER_BYTES, INTEL_QE_VENDOR, KEY_TYPE_P256, parseQuoteHeader, TEE_TDX } from "./quote-header.ts"

type FormCode = (typeof FORM_CODES)[number]

const STRUCTURE: readonly (readonly [code: FormCode, subject: string, expected: string])[] = [
  ["TDX_BODY_TYPE", "quote.body", "a TD of TDX 1.0 or 1.5"],
  ["TDX_AUTH_SIZE", "quote.signatureData", "lengths that fit"],
  ["TDX_CERT_DATA_FORM", "quote.certificationData", "a quoting enclave with its certificate chain"],
]

/**
 * Checks that the bytes are a quote of TDX, signed as Intel's quoting enclave signs.
 *
 * @returns the quote, or `undefined` if it cannot be read. A quote that can be read may have failed a check.
 */
export function checkForm(list: Checklist<TdxCode>, bytes: Uint8Array): TdxQuote | undefined {
  const quote = tryParse(bytes)
  const error = quote instanceof TdxQuoteError ? quote : undefined
  list.check("TDX_QUOTE_SIZE", {
    subject: "quote",
    passed: error?.code !== "TDX_QUOTE_SIZE",
    expected: `a header and what it announces, at most ${MAX_QUOTE_BYTES} bytes`,
    actual: `${bytes.length} bytes`,
  })
  if (bytes.length < HEADER_BYTES) {
    list.skip(FORM_CODES.slice(1), "TDX_QUOTE_SIZE")
    return undefined
  }
  checkHeader(list, bytes, error)
  if (quote instanceof TdxQuoteError) return undefined
  list.check("TDX_TRAILING", {
    subject: "quote.trailing",
    passed: quote.trailing.every((byte) => byte === 0),
    expected: "nothing, or zeros",
    actual: `${quote.trailing.length} bytes`,
  })
  return quote
}

function checkHeader(list: Checklist<TdxCode>, bytes: Uint8Array, error: TdxQuoteError | undefined): void {
  const header = parseQuoteHeader(bytes)
  const known = list.check("TDX_QUOTE_VERSION", {
    subject: "quote.version",
    passed: error?.code !== "TDX_QUOTE_VERSION",
    expected: "4 or 5",
    actual: header.version,
  })
  if (!known) {
    list.skip(FORM_CODES.slice(2), "TDX_QUOTE_VERSION")
    return
  }
  list.equal("TDX_TEE_TYPE", "quote.teeType", header.teeType, TEE_TDX)
  list.equal("TDX_KEY_TYPE", "quote.attestationKeyType", header.attestationKeyType, KEY_TYPE_P256)
  list.equal("TDX_QE_VENDOR", "quote.qeVendorId", encodeHex(header.qeVendorId), INTEL_QE_VENDOR)
  checkStructure(list, error)
}

/** The parts are read one after the other: what comes behind the first that fails is unknown. */
function checkStructure(list: Checklist<TdxCode>, error: TdxQuoteError | undefined): void {
  let because: FormCode | undefined = error?.code === "TDX_QUOTE_SIZE" ? error.code : undefined
  for (const [code, subject, expected] of STRUCTURE) {
    if (because !== undefined) list.skip([code], because)
    else if (error?.code !== code) list.check(code, { subject, passed: true, expected, actual: expected })
    else {
      list.check(code, { subject, passed: false, expected, actual: error.message })
      because = code
    }
  }
  if (because !== undefined) list.skip(["TDX_TRAILING"], because)
}

function tryParse(bytes: Uint8Array): TdxQuote | TdxQuoteError {
  try {
    return parseTdxQuote(bytes)
  } catch (error) {
    if (error instanceof TdxQuoteError) return error
    throw error
  }
}
