import { BINDING_CODES } from "../binding-checks.ts"

/** What evidence must be before anything in it can be read. */
export const FORM_CODES = [
  "SNP_REPORT_SIZE",
  "SNP_REPORT_VERSION",
  "SNP_REPORT_RESERVED",
  "SNP_REPORT_CPUID",
  "SNP_GUEST_POLICY_FORM",
  "SNP_PLATFORM_INFO_FORM",
  "SNP_SIGNATURE_ALGORITHM",
  "SNP_SIGNING_KEY",
] as const

/** That AMD vouches for it: the leaf, its authorities and the revocation list. */
export const AUTHENTICITY_CODES = [
  "SNP_VEK_MISSING",
  "SNP_VEK_FORM",
  "SNP_VEK_EXTENSIONS",
  "SNP_CA",
  "SNP_VEK_ISSUER",
  "SNP_VEK_SIGNATURE",
  "SNP_VEK_VALIDITY",
  "SNP_VEK_PRODUCT",
  "SNP_VEK_TCB",
  "SNP_VEK_CHIP_ID",
  "SNP_CRL_MISSING",
  "SNP_CRL_FORM",
  "SNP_CRL_ISSUER",
  "SNP_CRL_SIGNATURE",
  "SNP_CRL_VALIDITY",
  "SNP_CA_REVOKED",
  "SNP_VEK_REVOKED",
  "SNP_SIGNATURE_RANGE",
  "SNP_SIGNATURE",
] as const

/** What an honest and safely configured platform shows, whatever a manifest says. */
export const PLATFORM_CODES = [
  "SNP_TCB_ORDER",
  "SNP_FIRMWARE_ORDER",
  "SNP_DEBUG",
  "SNP_MIGRATION_AGENT",
  "SNP_VMPL",
  "SNP_AUTHOR_KEY",
] as const

/** What an entry of the manifest says. */
export const VALUE_CODES = [
  "SNP_PRODUCT",
  "SNP_KEY_KIND",
  "SNP_MEASUREMENT",
  "SNP_GUEST_POLICY",
  "SNP_PLATFORM_INFO",
  "SNP_TCB_MINIMUM",
  "SNP_ID_KEY",
  "SNP_MITIGATION",
  "SNP_CHIP_ID",
] as const

/** What the manifest says, and whose evidence it is. */
export const REFERENCE_CODES: readonly ReferenceCode[] = ["REFERENCE_VALUE_MISSING", ...VALUE_CODES, ...BINDING_CODES]

type ReferenceCode = "REFERENCE_VALUE_MISSING" | (typeof VALUE_CODES)[number] | (typeof BINDING_CODES)[number]

/** Why SEV-SNP evidence is refused. A verdict holds a check for each of them. */
export type SnpCode =
  (typeof FORM_CODES)[number] | (typeof AUTHENTICITY_CODES)[number] | (typeof PLATFORM_CODES)[number] | ReferenceCode

/** Every check of a verdict about SEV-SNP evidence. */
export const SNP_CODES: readonly [SnpCode, ...SnpCode[]] = [
  ...FORM_CODES,
  ...AUTHENTICITY_CODES,
  ...PLATFORM_CODES,
  ...REFERENCE_CODES,
]
