import { encodeHex, equalBytes, type Certificate } from "@contrast/crypto"
import type { Checklist } from "../checklist.ts"
import { describePeriod, isValidAt } from "../validity.ts"
import type { SnpCode } from "./codes.ts"
import type { AuthenticityInputs } from "./endorsed.ts"
import type { ProductLine } from "./product-line.ts"
import { tcbOf } from "./report.ts"
import { describeTcbVersion, tcbParts } from "./tcb-version.ts"
import { identifies, isVekOf, type VekExtensions } from "./vek.ts"

/** Checks that the leaf is of the form and kind that signed the report. */
export function checkLeafForm(
  { list, kind }: AuthenticityInputs,
  leaf: Certificate,
  extensions: VekExtensions | undefined,
): void {
  list.check("SNP_VEK_FORM", {
    subject: "leaf",
    passed: isVekOf(kind, leaf),
    expected: `SEV-${kind} with a key on P-384, signed with RSASSA-PSS and SHA-384`,
    actual: `${leaf.subjectCommonName ?? "no name"}, ${leaf.der.length} bytes`,
  })
  list.check("SNP_VEK_EXTENSIONS", {
    subject: "leaf.extensions",
    passed: extensions !== undefined && identifies(kind, extensions),
    expected: kind === "VCEK" ? "every part of the TCB and a hardware id" : "every part of the TCB and a provider",
    actual: extensions === undefined ? "missing, ill-typed or critical" : describeIdentity(extensions),
  })
}

function describeIdentity({ hardwareId, cspId }: VekExtensions): string {
  return (
    [hardwareId && "hardware id", cspId !== undefined && `provider ${cspId}`].filter(Boolean).join(" and ") || "neither"
  )
}

/** Checks that the leaf is of the report's line, TCB version and chip, and valid. */
export function checkLeafClaims(
  { list, report, kind, now }: AuthenticityInputs,
  leaf: Certificate,
  extensions: VekExtensions | undefined,
  line: ProductLine | undefined,
): void {
  list.check("SNP_VEK_VALIDITY", {
    subject: "leaf.notAfter",
    passed: isValidAt(leaf, now),
    expected: now.toISOString(),
    actual: describePeriod(leaf),
  })
  if (extensions === undefined || line === undefined) {
    list.skip(["SNP_VEK_PRODUCT", "SNP_VEK_TCB", "SNP_VEK_CHIP_ID"], "SNP_VEK_EXTENSIONS", "SNP_REPORT_CPUID")
    return
  }
  list.equal("SNP_VEK_PRODUCT", "leaf.productName", extensions.productName.split("-")[0] ?? "", line)
  const tcb = tcbOf(report, "reported", line)
  list.check("SNP_VEK_TCB", {
    subject: "leaf.tcb",
    passed:
      tcb !== undefined &&
      tcbParts(line).every((part) => extensions.tcb[part] === tcb[part]) &&
      (line === "Turin") === (extensions.tcb.fmc !== undefined),
    expected: tcb === undefined ? "" : describeTcbVersion(tcb),
    actual: Object.entries(extensions.tcb)
      .map(([part, value]) => `${part} ${value}`)
      .join(", "),
  })
  if (kind === "VCEK") {
    checkChipId(list, report.chipId, extensions.hardwareId)
    return
  }
  const actual = "a VLEK names no chip"
  list.check("SNP_VEK_CHIP_ID", { subject: "leaf.hwId", passed: true, expected: actual, actual })
}

function checkChipId(list: Checklist<SnpCode>, chipId: Uint8Array, hardwareId: Uint8Array | undefined): void {
  const size = hardwareId?.length ?? 0
  const same =
    hardwareId !== undefined &&
    equalBytes(chipId.subarray(0, size), hardwareId) &&
    chipId.subarray(size).every((byte) => byte === 0) &&
    chipId.some((byte) => byte !== 0)
  list.check("SNP_VEK_CHIP_ID", {
    subject: "leaf.hwId",
    passed: same,
    expected: encodeHex(chipId),
    actual: hardwareId === undefined ? "absent" : encodeHex(hardwareId),
  })
}
