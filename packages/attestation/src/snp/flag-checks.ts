import type { SnpReferenceValues } from "@contrast/manifest"
import type { Checklist } from "../checklist.ts"
import type { SnpCode } from "./codes.ts"
import { isViolated } from "./flags.ts"
import { abiVersionOf, GUEST_POLICY_FLAGS } from "./guest-policy.ts"
import { PLATFORM_INFO_FLAGS } from "./platform-info.ts"
import type { SnpReport } from "./report.ts"

/** Checks each bit of the guest policy, and the ABI version, against the manifest. */
export function checkGuestPolicy(
  list: Checklist<SnpCode>,
  { policy }: SnpReport,
  { guestPolicy }: SnpReferenceValues,
  path: string,
): void {
  for (const flag of GUEST_POLICY_FLAGS) {
    list.check("SNP_GUEST_POLICY", {
      subject: `report.policy.${flag.name}`,
      passed: !isViolated(policy, flag, guestPolicy[flag.name]),
      expected: `${flag.direction === "allowed" ? "at most" : "at least"} ${String(guestPolicy[flag.name])}`,
      actual: (policy >> flag.bit) & 1n,
      manifest: `${path}.GuestPolicy.${flag.manifestKey}`,
    })
  }
  const { major, minor } = abiVersionOf(policy)
  list.check("SNP_GUEST_POLICY", {
    subject: "report.policy.abi",
    passed: major > guestPolicy.abiMajor || (major === guestPolicy.abiMajor && minor >= guestPolicy.abiMinor),
    expected: `at least ${guestPolicy.abiMajor}.${guestPolicy.abiMinor}`,
    actual: `${major}.${minor}`,
    manifest: `${path}.GuestPolicy.ABIMajor`,
  })
}

/** Checks each bit of the platform information against the manifest. */
export function checkPlatformInfo(
  list: Checklist<SnpCode>,
  report: SnpReport,
  { platformInfo }: SnpReferenceValues,
  path: string,
): void {
  for (const flag of PLATFORM_INFO_FLAGS) {
    list.check("SNP_PLATFORM_INFO", {
      subject: `report.platformInfo.${flag.name}`,
      passed: !isViolated(report.platformInfo, flag, platformInfo[flag.name]),
      expected: `${flag.direction === "allowed" ? "at most" : "at least"} ${String(platformInfo[flag.name])}`,
      actual: (report.platformInfo >> flag.bit) & 1n,
      manifest: `${path}.PlatformInfo.${flag.manifestKey}`,
    })
  }
}
