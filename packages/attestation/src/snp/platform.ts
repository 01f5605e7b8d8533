import { encodeHex } from "@contrast/crypto"
import type { Checklist } from "../checklist.ts"
import type { SnpCode } from "./codes.ts"
import { DEBUG_BIT, MIGRATE_MA_BIT } from "./guest-policy.ts"
import type { ProductLine } from "./product-line.ts"
import { tcbOf, type SnpReport } from "./report.ts"
import { describeTcbVersion, partsBelow, type TcbVersion } from "./tcb-version.ts"

const NO_MIGRATION_AGENT = "ff".repeat(32)
const NO_AUTHOR_KEY = "00".repeat(48)

/** Checks what an honest and safely configured platform shows, whatever a manifest says. */
export function checkPlatform(list: Checklist<SnpCode>, report: SnpReport, line: ProductLine | undefined): void {
  if (line === undefined) list.skip(["SNP_TCB_ORDER"], "SNP_REPORT_CPUID", "SNP_VEK_MISSING", "SNP_VEK_EXTENSIONS")
  else checkTcbOrder(list, report, line)
  const order = compareVersions(report.committedFirmware, report.currentFirmware)
  list.check("SNP_FIRMWARE_ORDER", {
    subject: "report.committedFirmware",
    passed: order <= 0,
    expected: `at most ${report.currentFirmware.join(".")}`,
    actual: report.committedFirmware.join("."),
  })
  list.equal("SNP_DEBUG", "report.policy.debug", (report.policy >> DEBUG_BIT) & 1n, 0n)
  list.equal("SNP_MIGRATION_AGENT", "report.policy.migrateMa", (report.policy >> MIGRATE_MA_BIT) & 1n, 0n)
  list.equal("SNP_MIGRATION_AGENT", "report.reportIdMa", encodeHex(report.reportIdMa), NO_MIGRATION_AGENT)
  list.equal("SNP_VMPL", "report.vmpl", report.vmpl, 0)
  list.equal("SNP_AUTHOR_KEY", "report.keyInfo.authorKeyEnabled", Number(report.authorKeyEnabled), 0)
  list.equal("SNP_AUTHOR_KEY", "report.authorKeyDigest", encodeHex(report.authorKeyDigest), NO_AUTHOR_KEY)
}

/** Only these relations hold in every honest report: neither committed nor launch bounds what is reported. */
function checkTcbOrder(list: Checklist<SnpCode>, report: SnpReport, line: ProductLine): void {
  const current = tcbOf(report, "current", line)
  for (const name of ["committed", "reported"] as const) {
    const version = tcbOf(report, name, line)
    list.check("SNP_TCB_ORDER", {
      subject: `report.${name}Tcb`,
      passed: isAtMost(version, current),
      expected: `at most ${current ? describeTcbVersion(current) : "the current"}`,
      actual: version ? describeTcbVersion(version) : "unreadable",
    })
  }
}

function isAtMost(version: TcbVersion | undefined, bound: TcbVersion | undefined): boolean {
  return version !== undefined && bound !== undefined && partsBelow(bound, version).length === 0
}

function compareVersions(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((part, position) => part !== b[position])
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0)
}
