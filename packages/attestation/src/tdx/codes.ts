import { BINDING_CODES } from "../binding-checks.ts"

/** What evidence must be before anything in it can be read. */
export const FORM_CODES = [
  "TDX_QUOTE_SIZE",
  "TDX_QUOTE_VERSION",
  "TDX_TEE_TYPE",
  "TDX_KEY_TYPE",
  "TDX_QE_VENDOR",
  "TDX_BODY_TYPE",
  "TDX_AUTH_SIZE",
  "TDX_CERT_DATA_FORM",
  "TDX_TRAILING",
] as const

/** That the platform's certificate comes from Intel. */
export const CHAIN_CODES = [
  "PCK_CHAIN_FORM",
  "PCK_CHAIN_ROOT",
  "PCK_CHAIN_ISSUER",
  "PCK_CHAIN_SIGNATURE",
  "PCK_CHAIN_VALIDITY",
  "PCK_EXTENSIONS",
] as const

/** What a revocation list must be. There are two: the root's, and that of the authority of the platform's certificate. */
export const CRL_CODES = [
  "INTEL_CRL_MISSING",
  "INTEL_CRL_FORM",
  "INTEL_CRL_ISSUER",
  "INTEL_CRL_SIGNATURE",
  "INTEL_CRL_VALIDITY",
] as const

/** What the lists are asked. */
export const REVOCATION_CODES = ["PCK_CA_REVOKED", "PCK_REVOKED"] as const

/** That the platform's certificate vouches for the quoting enclave, and that for the quote. */
const SIGNATURE_CODES = [
  "TDX_SIGNATURE_RANGE",
  "TDX_QE_REPORT_SIGNATURE",
  "TDX_QE_REPORT_DATA",
  "TDX_QUOTE_SIGNATURE",
] as const

/** That Intel signed TCB info and QE identity. */
export const SIGNER_CODES = ["TCB_SIGNER_MISSING", "TCB_SIGNER"] as const

/** Intel's statement about the platform's firmware. */
const TCB_INFO_CODES = [
  "TCB_INFO_MISSING",
  "TCB_INFO_FORM",
  "TCB_INFO_SIGNATURE",
  "TCB_INFO_KIND",
  "TCB_INFO_VALIDITY",
  "TCB_INFO_FMSPC",
  "TCB_INFO_PCEID",
] as const

/** Intel's statement about the quoting enclave. */
const QE_IDENTITY_CODES = [
  "QE_IDENTITY_MISSING",
  "QE_IDENTITY_FORM",
  "QE_IDENTITY_SIGNATURE",
  "QE_IDENTITY_KIND",
  "QE_IDENTITY_VALIDITY",
] as const

/** That the quoting enclave is the one that Intel states. */
export const QE_CODES = ["QE_MISCSELECT", "QE_ATTRIBUTES", "QE_SIGNER", "QE_PRODUCT", "QE_TCB_LEVEL"] as const

/** How old platform and TDX module are. */
export const LEVEL_CODES = [
  "TCB_LEVEL",
  "TDX_MODULE_UNKNOWN",
  "TDX_MODULE_SIGNER",
  "TDX_MODULE_ATTRIBUTES",
  "TDX_MODULE_LEVEL",
  "TCB_STATUS",
] as const

type CollateralCode =
  | (typeof SIGNER_CODES)[number]
  | (typeof TCB_INFO_CODES)[number]
  | (typeof QE_IDENTITY_CODES)[number]
  | (typeof QE_CODES)[number]
  | (typeof LEVEL_CODES)[number]

/** Everything that rests on what Intel publishes, in the order of the checks. */
export const COLLATERAL_CODES: readonly CollateralCode[] = [
  ...SIGNER_CODES,
  ...TCB_INFO_CODES,
  ...QE_IDENTITY_CODES,
  ...QE_CODES,
  ...LEVEL_CODES,
]

/** What a safely configured guest shows, whatever a manifest says. */
export const PLATFORM_CODES = ["TD_DEBUG", "TD_SERVICE", "TD_OWNER", "TD_HOST_DATA_PADDING"] as const

/** What an entry of the manifest says. */
export const VALUE_CODES = [
  "TCB_EVALUATION_NUMBER",
  "TD_MRTD",
  "TD_MRSEAM",
  "TD_RTMR",
  "TD_XFAM",
  "TD_ATTRIBUTES",
  "TDX_PIID",
  "TDX_MEMORY_INTEGRITY",
  "TDX_SMT",
  "TDX_STATIC_PLATFORM",
] as const

/** What the manifest says, and whose evidence it is. */
export const REFERENCE_CODES: readonly ReferenceCode[] = ["REFERENCE_VALUE_MISSING", ...VALUE_CODES, ...BINDING_CODES]

type ReferenceCode = "REFERENCE_VALUE_MISSING" | (typeof VALUE_CODES)[number] | (typeof BINDING_CODES)[number]

/** Why TDX evidence is refused. A verdict holds a check for each of them. */
export type TdxCode =
  | (typeof FORM_CODES)[number]
  | (typeof CHAIN_CODES)[number]
  | (typeof CRL_CODES)[number]
  | (typeof REVOCATION_CODES)[number]
  | (typeof SIGNATURE_CODES)[number]
  | CollateralCode
  | (typeof PLATFORM_CODES)[number]
  | ReferenceCode

/** Every check of a verdict about TDX evidence. */
export const TDX_CODES: readonly [TdxCode, ...TdxCode[]] = [
  ...FORM_CODES,
  ...CHAIN_CODES,
  ...CRL_CODES,
  ...REVOCATION_CODES,
  ...SIGNATURE_CODES,
  ...COLLATERAL_CODES,
  ...PLATFORM_CODES,
  ...REFERENCE_CODES,
]
