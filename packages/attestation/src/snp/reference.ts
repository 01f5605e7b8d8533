import { encodeHex, equalBytes } from "@contrast/crypto"
import type { SnpReferenceValues } from "@contrast/manifest"
import { checkBinding, type PolicyExpectation } from "../binding-checks.ts"
import type { Checklist } from "../checklist.ts"
import { checkPresence } from "../required-values.ts"
import { VALUE_CODES, type SnpCode } from "./codes.ts"
import { checkGuestPolicy, checkPlatformInfo } from "./flag-checks.ts"
import { encodeGuestPolicy } from "./guest-policy.ts"
import { idKeyDigest } from "./id-key.ts"
import { isMeasuredProduct, launchDigests } from "./launch-digest.ts"
import type { ProductLine } from "./product-line.ts"
import { tcbOf, type SnpReport, type TcbName } from "./report.ts"
import { requireValues, type RequiredValues } from "./required-values.ts"
import { partsBelow, tcbParts, type TcbPart } from "./tcb-version.ts"

/** What a report is compared with. */
export interface SnpExpectation {
  readonly values: SnpReferenceValues
  /** Where the values stand, for example `ReferenceValues.snp[0]`. */
  readonly path: string
  readonly policy: PolicyExpectation
  /** 64 bytes. */
  readonly reportData: Uint8Array
}

/** The versions that must reach the minimum: a host can return to its committed firmware while the guest runs. */
const MINIMUM_APPLIES_TO: readonly TcbName[] = ["reported", "launch", "committed"]

const MINIMUM_KEYS: Readonly<Record<TcbPart, string>> = {
  bootloader: "BootloaderVersion",
  tee: "TEEVersion",
  snp: "SNPVersion",
  microcode: "MicrocodeVersion",
  fmc: "FMCVersion",
}

/** Checks the report against one entry of the manifest's reference values, all of it. */
export function checkReferenceValues(
  list: Checklist<SnpCode>,
  report: SnpReport,
  line: ProductLine | undefined,
  expectation: SnpExpectation,
): void {
  const required = requireValues(expectation.values)
  const isComplete = typeof required !== "string"
  checkPresence(list, expectation.path, isComplete ? undefined : required)
  if (isComplete) checkValues(list, report, line, required, expectation)
  else list.skip(VALUE_CODES, "REFERENCE_VALUE_MISSING")
  const { hostData, reportData } = report
  checkBinding(
    list,
    { hostData: ["report.hostData", hostData], reportData: ["report.reportData", reportData] },
    expectation,
  )
}

function checkValues(
  list: Checklist<SnpCode>,
  report: SnpReport,
  line: ProductLine | undefined,
  required: RequiredValues,
  { values, path }: SnpExpectation,
): void {
  list.equal("SNP_PRODUCT", "report.cpuid", line ?? "unknown", required.productName, `${path}.ProductName`)
  list.equal("SNP_KEY_KIND", "report.keyInfo.signingKey", report.signingKey ?? "none", "VCEK", `${path}.Platform`)
  const isMeasured = checkMeasurement(list, report, values, required, path)
  checkGuestPolicy(list, report, values, path)
  checkPlatformInfo(list, report, values, path)
  checkMinimumTcb(list, report, required, path)
  // Digests take long and are remembered, so only those of measurements that are ours are asked for.
  checkIdKey(list, report, isMeasured ? report.measurement : required.trustedMeasurement, values)
  checkMitigations(list, report, values, path)
  checkAllowedChips(list, report, values, path)
}

function checkMeasurement(
  list: Checklist<SnpCode>,
  { measurement }: SnpReport,
  { apEip }: SnpReferenceValues,
  { trustedMeasurement, productName }: RequiredValues,
  path: string,
): boolean {
  const candidates =
    apEip !== undefined && isMeasuredProduct(productName)
      ? launchDigests(trustedMeasurement, new DataView(apEip.buffer, apEip.byteOffset).getUint32(0), productName)
      : [trustedMeasurement]
  return list.check("SNP_MEASUREMENT", {
    subject: "report.measurement",
    passed: [...candidates].some((candidate) => equalBytes(candidate, measurement)),
    expected: encodeHex(trustedMeasurement) + (apEip === undefined ? "" : ", or extended by further processors"),
    actual: encodeHex(measurement),
    manifest: `${path}.TrustedMeasurement`,
  })
}

/** Read in the layout of the manifest's product; another product is refused by its own check. */
function checkMinimumTcb(
  list: Checklist<SnpCode>,
  report: SnpReport,
  { productName, minimumTcb }: RequiredValues,
  path: string,
): void {
  for (const name of MINIMUM_APPLIES_TO) {
    const version = tcbOf(report, name, productName)
    const below = version === undefined ? tcbParts(productName) : partsBelow(version, minimumTcb)
    for (const part of tcbParts(productName)) {
      list.check("SNP_TCB_MINIMUM", {
        subject: `report.${name}Tcb.${part}`,
        passed: !below.includes(part),
        expected: `at least ${minimumTcb[part] ?? 0}`,
        actual: version?.[part] ?? "unreadable",
        manifest: `${path}.MinimumTCB.${MINIMUM_KEYS[part]}`,
      })
    }
  }
}

/** The ID block fixes measurement and policy exactly, so its key does too. */
function checkIdKey(
  list: Checklist<SnpCode>,
  report: SnpReport,
  measurement: Uint8Array,
  { guestPolicy }: SnpReferenceValues,
): void {
  const expected = encodeHex(idKeyDigest(measurement, encodeGuestPolicy(guestPolicy)))
  list.equal("SNP_ID_KEY", "report.idKeyDigest", encodeHex(report.idKeyDigest), expected)
}

function checkMitigations(
  list: Checklist<SnpCode>,
  report: SnpReport,
  { minimumMitigationVector }: SnpReferenceValues,
  path: string,
): void {
  for (const name of ["launchMitigationVector", "currentMitigationVector"] as const) {
    // Before version 5 the field is reserved and zero: no mitigation is known to be in place.
    const vector = report[name]
    list.check("SNP_MITIGATION", {
      subject: `report.${name}`,
      passed: (vector & minimumMitigationVector) === minimumMitigationVector,
      expected: `bits of 0x${minimumMitigationVector.toString(16)}`,
      actual: `0x${vector.toString(16)}`,
      manifest: `${path}.MinimumMitigationVector`,
    })
  }
}

function checkAllowedChips(
  list: Checklist<SnpCode>,
  { chipId }: SnpReport,
  { allowedChipIds }: SnpReferenceValues,
  path: string,
): void {
  const masked = chipId.every((byte) => byte === 0)
  list.check("SNP_CHIP_ID", {
    subject: "report.chipId",
    passed: allowedChipIds.length === 0 || (!masked && allowedChipIds.some((allowed) => equalBytes(allowed, chipId))),
    expected: allowedChipIds.length === 0 ? "any chip" : `one of ${allowedChipIds.length} chips`,
    actual: encodeHex(chipId),
    manifest: `${path}.AllowedChipIDs`,
  })
}
