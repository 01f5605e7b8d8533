import { encodeHex } from "@contrast/crypto"
import type { Checklist } from "../checklist.ts"
import type { TdxCode } from "./codes.ts"
import { applyMask } from "./qe-checks.ts"
import type { SgxExtension } from "./sgx-extension.ts"
import type { ModuleIdentity, TcbInfo } from "./tcb-info.ts"
import { findModuleVersion, findPlatformLevel, findSvnLevel, moduleVersionOf } from "./tcb-level.ts"
import { describeRating, type TcbRating } from "./tcb-status.ts"
import type { TdReport } from "./td-report.ts"

const NO_SEAM_ATTRIBUTES = "00".repeat(8)

/** Checks that the platform reaches one of Intel's levels. @returns how old it is. */
export function checkPlatformLevel(
  list: Checklist<TdxCode>,
  { components, pceSvn }: SgxExtension,
  info: TcbInfo,
  teeTcbSvn: Uint8Array | undefined,
): TcbRating | undefined {
  const level = findPlatformLevel(info.levels, { components, pceSvn, teeTcbSvn })
  const own = `components ${components.join(" ")}, PCE ${pceSvn}${teeTcbSvn ? `, TEE ${teeTcbSvn.join(" ")}` : ""}`
  list.check("TCB_LEVEL", {
    subject: "platform",
    passed: level !== undefined,
    expected: `one of ${info.levels.length} levels`,
    actual: level ? describeRating(level) : `${own}: below every level`,
  })
  return level
}

/** What is known of the TDX module. */
export interface ModuleRating {
  /** Whether every check passed. */
  readonly known: boolean
  /** Absent for a module without a version of its own, which the platform's level covers. */
  readonly rating: TcbRating | undefined
}

/** Checks that the TDX module is Intel's, and reaches one of the levels of its version. */
export function checkModule(list: Checklist<TdxCode>, body: TdReport, info: TcbInfo): ModuleRating {
  const version = moduleVersionOf(body.teeTcbSvn)
  const moduleVersion = version > 0 ? findModuleVersion(info, version) : undefined
  const module = version > 0 ? moduleVersion : info.module
  const known = list.check("TDX_MODULE_UNKNOWN", {
    subject: "quote.teeTcbSvn[1]",
    passed: module !== undefined,
    expected: ["0", ...info.moduleVersions.map(({ id }) => id)].join(", "),
    actual: version,
  })
  if (!known || module === undefined) {
    list.skip(["TDX_MODULE_SIGNER", "TDX_MODULE_ATTRIBUTES", "TDX_MODULE_LEVEL"], "TDX_MODULE_UNKNOWN")
    return { known: false, rating: undefined }
  }
  const isIntels = checkModuleIdentity(list, body, module)
  const svn = body.teeTcbSvn[0] ?? 0
  const rating = moduleVersion && findSvnLevel(moduleVersion.levels, svn)
  const reached = list.check("TDX_MODULE_LEVEL", {
    subject: "quote.teeTcbSvn[0]",
    passed: moduleVersion === undefined || rating !== undefined,
    expected: moduleVersion
      ? `at least ${moduleVersion.levels.at(-1)?.isvSvn ?? "one level"}`
      : "a level of the platform",
    actual: rating ? `${svn}: ${describeRating(rating)}` : svn,
  })
  return { known: isIntels && reached, rating }
}

function checkModuleIdentity(
  list: Checklist<TdxCode>,
  { mrSignerSeam, seamAttributes }: TdReport,
  { mrSigner, attributes, attributesMask }: ModuleIdentity,
): boolean {
  const isSigner = list.equal("TDX_MODULE_SIGNER", "quote.mrSignerSeam", encodeHex(mrSignerSeam), mrSigner)
  const actual = encodeHex(seamAttributes)
  const isExpected = list.check("TDX_MODULE_ATTRIBUTES", {
    subject: "quote.seamAttributes",
    passed: actual === NO_SEAM_ATTRIBUTES && applyMask(seamAttributes, attributesMask) === attributes,
    expected: attributes === NO_SEAM_ATTRIBUTES ? attributes : `${NO_SEAM_ATTRIBUTES} and ${attributes}`,
    actual,
  })
  return isSigner && isExpected
}
