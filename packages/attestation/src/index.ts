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
export { AttestationError, type AttestationErrorCode } from "./error.ts"
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
export { requireCoordinator, requirePolicy, type Trust, validateEvidence, validatorsFor } from "./validate.ts"
export type { Check, Outcome, Verdict } from "./verdict.ts"
