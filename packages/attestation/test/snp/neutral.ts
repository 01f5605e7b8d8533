import type { GuestPolicy, PlatformInfo, SnpReferenceValues } from "@contrast/manifest"
import type { PolicyExpectation } from "../../src/binding-checks.ts"
import { isSet } from "../../src/snp/flags.ts"
import { abiVersionOf, GUEST_POLICY_FLAGS } from "../../src/snp/guest-policy.ts"
import { PLATFORM_INFO_FLAGS } from "../../src/snp/platform-info.ts"
import type { ProductLine } from "../../src/snp/product-line.ts"
import type { SnpReport } from "../../src/snp/report.ts"

/** Real reports attest to policies that no manifest here names. */
export const ANY_POLICY: PolicyExpectation = { policies: new Map(), demand: "any" }

/** Reference values that are just what the report shows, so that what remains is what no manifest decides. */
export function neutralValues(report: SnpReport, productName: ProductLine): SnpReferenceValues {
  const { major, minor } = abiVersionOf(report.policy)
  const policy = Object.fromEntries(GUEST_POLICY_FLAGS.map((flag) => [flag.name, isSet(report.policy, flag)]))
  const info = Object.fromEntries(PLATFORM_INFO_FLAGS.map((flag) => [flag.name, isSet(report.platformInfo, flag)]))
  return {
    kind: "snp",
    platform: "Metal-QEMU-SNP",
    productName,
    trustedMeasurement: report.measurement,
    minimumTcb: { bootloaderVersion: 0, teeVersion: 0, snpVersion: 0, microcodeVersion: 0, fmcVersion: 0 },
    guestPolicy: { abiMajor: major, abiMinor: minor, ...policy } as GuestPolicy, // every flag of the closed table
    platformInfo: info as unknown as PlatformInfo, // every flag of the closed table
    minimumMitigationVector: 0n,
    allowedChipIds: [],
  }
}
