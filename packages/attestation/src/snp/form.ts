import type { Checklist } from "../checklist.ts"
import { FORM_CODES, type SnpCode } from "./codes.ts"
import { isGuestPolicy } from "./guest-policy.ts"
import { isPlatformInfo } from "./platform-info.ts"
import {
  findReservedBitsSet,
  isKnownVersion,
  parseReport,
  productLineOf,
  REPORT_BYTES,
  tcbOf,
  type SnpReport,
  type TcbName,
} from "./report.ts"
import { lineOf, type VekExtensions } from "./vek.ts"

const ECDSA_P384_SHA384 = 1
const TCB_NAMES: readonly TcbName[] = ["current", "reported", "committed", "launch"]

/**
 * Checks that the bytes are a report whose every bit has a known meaning.
 *
 * @param extensions - What the leaf says; version 2 of the report does not name its product line.
 * @returns the report, or `undefined` if it cannot be read. A report that can be read may have failed a check.
 */
export function checkForm(
  list: Checklist<SnpCode>,
  bytes: Uint8Array,
  extensions: VekExtensions | undefined,
): SnpReport | undefined {
  const [size, version, ...rest] = FORM_CODES
  if (!list.equal(size, "report", bytes.length, REPORT_BYTES)) {
    list.skip([version, ...rest], size)
    return undefined
  }
  const report = parseReport(bytes)
  const known = list.check(version, {
    subject: "report.version",
    passed: isKnownVersion(report),
    expected: "2 to 5",
    actual: report.version,
  })
  if (!known) {
    list.skip(rest, version)
    return undefined
  }
  checkReserved(list, report, extensions)
  checkBits(list, report)
  return report
}

function checkReserved(list: Checklist<SnpCode>, report: SnpReport, extensions: VekExtensions | undefined): void {
  const line = lineOf(report, extensions)
  const reserved = [...findReservedBitsSet(report)]
  if (line !== undefined) {
    reserved.push(...TCB_NAMES.filter((name) => tcbOf(report, name, line) === undefined).map((name) => `${name} TCB`))
  }
  list.check("SNP_REPORT_RESERVED", {
    subject: "report",
    passed: reserved.length === 0,
    expected: "zero in reserved bytes and bits",
    actual: reserved.join(", ") || "zero",
  })
}

function checkBits(list: Checklist<SnpCode>, report: SnpReport): void {
  list.check("SNP_REPORT_CPUID", {
    subject: "report.cpuid",
    passed: report.version < 3 || productLineOf(report) !== undefined,
    expected: "family and model of a known product line",
    actual: `${report.cpuid.family.toString(16)}h, ${report.cpuid.model.toString(16)}h`,
  })
  list.check("SNP_GUEST_POLICY_FORM", {
    subject: "report.policy",
    passed: isGuestPolicy(report.policy),
    expected: "bit 17 and known bits only",
    actual: `0x${report.policy.toString(16)}`,
  })
  list.check("SNP_PLATFORM_INFO_FORM", {
    subject: "report.platformInfo",
    passed: isPlatformInfo(report.platformInfo),
    expected: "known bits only",
    actual: `0x${report.platformInfo.toString(16)}`,
  })
  list.equal("SNP_SIGNATURE_ALGORITHM", "report.signatureAlgorithm", report.signatureAlgorithm, ECDSA_P384_SHA384)
  list.check("SNP_SIGNING_KEY", {
    subject: "report.keyInfo",
    passed: report.signingKey !== undefined && !report.maskChipKey,
    expected: "VCEK or VLEK, not masked",
    actual: `${report.signingKey ?? report.signingKeyField}${report.maskChipKey ? ", masked" : ""}`,
  })
}
