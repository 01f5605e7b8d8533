export {
  type AmdCollateral,
  type AmdQuery,
  type CollateralSource,
  type Freshness,
  type IntelCollateral,
  type IntelQuery,
  NO_COLLATERAL,
  type SignedCollateral,
} from "./collateral.ts"
export { parseRevocationList, type RevocationList } from "./crl.ts"
export { AttestationError, type AttestationErrorCode } from "./error.ts"
export type { PolicyDemand, PolicyExpectation } from "./binding-checks.ts"
export { isRefusalCode, type RefusalClass, refusalClassOf } from "./refusal-class.ts"
export {
  type Attested,
  EVIDENCE_OIDS,
  type Evidence,
  type EvidencePlatform,
  findEvidence,
  type Issuer,
  MAX_DOCUMENT_BYTES,
  type ValidationContext,
  type Validator,
} from "./evidence.ts"
export { HOST_DATA_BYTES } from "./insecure/document.ts"
export { createInsecureIssuer } from "./insecure/issuer.ts"
export { isVendorsOwn, type Publication, type PublicationRoots } from "./publication.ts"
export {
  type AttesterRole,
  EXPORTER_BYTES,
  EXPORTER_LABEL,
  handshakeReportData,
  NONCE_BYTES,
  REPORT_DATA_BYTES,
  type SessionBinding,
  sessionReportData,
} from "./report-data.ts"
export { abiVersionOf, GUEST_POLICY_FLAGS } from "./snp/guest-policy.ts"
export { PLATFORM_INFO_FLAGS } from "./snp/platform-info.ts"
export { PRODUCT_LINES, type ProductLine } from "./snp/product-line.ts"
export { parseReport, productLineOf, REPORT_BYTES, type SigningKey, type SnpReport, tcbOf } from "./snp/report.ts"
export { describeTcbVersion, type TcbPart, tcbParts, type TcbVersion } from "./snp/tcb-version.ts"
export type { EnclaveReport } from "./tdx/enclave-report.ts"
export { encodeTdxDocument } from "./tdx/document-encoding.ts"
export { parseTdxDocument } from "./tdx/document.ts"
export { findIntelQuery } from "./tdx/validator.ts"
export { parseTdxQuote, type QuoteBodyType, type TdxQuote } from "./tdx/quote.ts"
export { TdxQuoteError, type TdxQuoteErrorCode } from "./tdx/quote-error.ts"
export { type QuoteHeader } from "./tdx/quote-header.ts"
export type { QuoteSignature } from "./tdx/quote-signature.ts"
export type { TcbAssessment, TcbParts } from "./tdx/tcb-assessment.ts"
export type { TcbRating, TcbStatus } from "./tdx/tcb-status.ts"
export type { TdReport } from "./tdx/td-report.ts"
export { type TdxContext, type TdxEvidence, type TdxJudgement, verifyTdx } from "./tdx/verify.ts"
export type { TdxCode } from "./tdx/codes.ts"
export { parseSnpDocument, type SnpDocument } from "./snp/document.ts"
export { encodeSnpDocument, type SnpDocumentParts } from "./snp/document-encoding.ts"
export { type EndorsementCandidates, type EndorsementContext, selectEndorsements } from "./snp/endorsements.ts"
export { idKeyDigest } from "./snp/id-key.ts"
export { type AmdAuthorities, type AmdRoots } from "./snp/roots.ts"
export { parseVekExtensions, type VekExtensions } from "./snp/vek.ts"
export { type PckChain, parsePckChain } from "./tdx/pck-chain.ts"
export { parseSgxExtension, type SgxExtension } from "./tdx/sgx-extension.ts"
export { type Trust, validateEvidence, validatorsFor } from "./validate.ts"
export type { Check, Outcome, Verdict } from "./verdict.ts"
