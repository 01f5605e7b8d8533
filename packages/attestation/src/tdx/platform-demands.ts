import { encodeHex, equalBytes } from "@contrast/crypto"
import type { TdxReferenceValues } from "@contrast/manifest"
import type { Checklist } from "../checklist.ts"
import type { TdxCode } from "./codes.ts"
import type { SgxExtension } from "./sgx-extension.ts"

const SCALABLE_WITH_INTEGRITY = 2
const DEMAND_CODES = ["TDX_PIID", "TDX_MEMORY_INTEGRITY", "TDX_SMT", "TDX_STATIC_PLATFORM"] as const

/** Checks what a manifest demands of the machine. Intel's certificate states it as it was when the machine was registered. */
export function checkPlatformDemands(
  list: Checklist<TdxCode>,
  extension: SgxExtension | undefined,
  values: TdxReferenceValues,
  path: string,
): void {
  if (extension === undefined) {
    list.skip(DEMAND_CODES, "PCK_CHAIN_FORM", "PCK_EXTENSIONS")
    return
  }
  const { piid, sgxType, configuration } = extension
  const { allowedPiids } = values
  list.check("TDX_PIID", {
    subject: "pckChain.leaf.piid",
    passed:
      allowedPiids.length === 0 || (piid !== undefined && allowedPiids.some((allowed) => equalBytes(allowed, piid))),
    expected: allowedPiids.length === 0 ? "any platform" : `one of ${allowedPiids.length} platforms`,
    actual: piid === undefined ? "none" : encodeHex(piid),
    manifest: `${path}.AllowedPIIDs`,
  })
  const demand = (code: TdxCode, key: string, isMet: boolean | undefined, isDemanded: boolean): void => {
    list.check(code, {
      subject: `pckChain.leaf.${key}`,
      passed: !isDemanded || isMet === true,
      expected: isDemanded ? "true" : "any",
      actual: isMet === undefined ? "not stated" : String(isMet),
      manifest: `${path}.${key}`,
    })
  }
  const negate = (flag: boolean | undefined): boolean | undefined => (flag === undefined ? undefined : !flag)
  demand("TDX_MEMORY_INTEGRITY", "MemoryIntegrity", sgxType === SCALABLE_WITH_INTEGRITY, values.memoryIntegrity)
  demand("TDX_SMT", "SMTDisabled", negate(configuration?.smtEnabled), values.smtDisabled)
  demand("TDX_STATIC_PLATFORM", "StaticPlatform", negate(configuration?.dynamicPlatform), values.staticPlatform)
}
