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
export { AMD_SIGNING, type AmdSigning, SHORT_HASH_SIGNING, SHORT_SALT_SIGNING } from "./amd-signature.ts"
export { TsmKernel, type TsmKernelAnswer, type TsmKernelOptions } from "./tsm-kernel.ts"
