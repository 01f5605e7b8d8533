export {
  type AmdAuthorities,
  amdAuthorities,
  type AmdAuthority,
  type AmdLine,
  type AmdTestRoots,
  amdTestRoots,
  createStranger,
} from "./amd-authority.ts"
export { AMD_TCB, amdHardwareId, type AmdKeyKind, amdSigningKey, type AmdTcb, encodeAmdTcb } from "./amd-chip.ts"
export { type AmdCrlOptions, issueAmdCrl } from "./amd-crl.ts"
export { amdExtension, type AmdLeafOptions, issueAmdLeaf } from "./amd-leaf.ts"
export { AMD_POLICY, type AmdReportOptions, signAmdReport } from "./amd-report.ts"
export { type AmdSigning, SHORT_HASH_SIGNING, SHORT_SALT_SIGNING } from "./amd-signature.ts"
export {
  createIntelAuthorities,
  createIntelAuthority,
  INTEL_LEAF,
  intelAuthorities,
  type IntelAuthorities,
  type IntelAuthority,
  type IntelAuthorityOptions,
} from "./intel-authority.ts"
export { issueIntelCollateral, type IntelTestCollateral } from "./intel-collateral.ts"
export { type IntelCrlOptions, issueIntelCrl } from "./intel-crl.ts"
export {
  encodeSgxExtension,
  INTEL_PLATFORM,
  type IntelPckOptions,
  type IntelPlatform,
  issueIntelPck,
} from "./intel-pck.ts"
export { INTEL_TD, intelPlatform, type IntelQuoteOptions, signIntelQuote } from "./intel-quote.ts"
export {
  intelChain,
  type IntelLevelOptions,
  intelModule,
  type IntelStatement,
  type IntelStatementOptions,
  intelSvnLevel,
  intelTcbLevel,
  issueQeIdentity,
  issueTcbInfo,
} from "./intel-statement.ts"
export { TsmKernel, type TsmKernelAnswer, type TsmKernelOptions } from "./tsm-kernel.ts"
