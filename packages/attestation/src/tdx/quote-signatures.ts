import { concatBytes, encodeHex, sha256, type Certificate } from "@contrast/crypto"
import type { Checklist } from "../checklist.ts"
import type { TdxCode } from "./codes.ts"
import { findPublicKey, isInRange, verifyRawSignature } from "./intel-signature.ts"
import type { TdxQuote } from "./quote.ts"

const REPORT_DATA_BYTES = 64

/** Checks that the platform's certificate, if there is one, vouches for the attestation key, and that key for the quote. */
export function checkQuoteSignatures(list: Checklist<TdxCode>, quote: TdxQuote, leaf: Certificate | undefined): void {
  const { qeReport, qeReportSignature, qeAuthenticationData, attestationKey, signature, signedBytes } = quote
  for (const [subject, value] of Object.entries({
    "qeReport.signature": qeReportSignature,
    "quote.signature": signature,
  })) {
    list.equal("TDX_SIGNATURE_RANGE", subject, isInRange(value) ? "in range" : "out of range", "in range")
  }
  if (leaf === undefined) list.skip(["TDX_QE_REPORT_SIGNATURE"], "PCK_CHAIN_FORM")
  else {
    const isVouchedFor = verifyRawSignature(leaf.publicKey, qeReport.raw, qeReportSignature)
    list.equal("TDX_QE_REPORT_SIGNATURE", "qeReport.signature", isVouchedFor ? "good" : "bad", "good")
  }
  const expected = new Uint8Array(REPORT_DATA_BYTES)
  expected.set(sha256(concatBytes(attestationKey, qeAuthenticationData)))
  list.equal("TDX_QE_REPORT_DATA", "qeReport.reportData", encodeHex(qeReport.reportData), encodeHex(expected))
  // The key came with the quote and is worth what the two checks above say.
  const key = findPublicKey(attestationKey)
  const good = key !== undefined && verifyRawSignature(key, signedBytes, signature)
  list.equal("TDX_QUOTE_SIGNATURE", "quote.signature", good ? "good" : "bad", "good")
}
