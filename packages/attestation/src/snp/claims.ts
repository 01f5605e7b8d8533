import type { CertificateExtension } from "@contrast/crypto"
import { encodeClaims, type ClaimValue } from "../claims.ts"
import { EVIDENCE_OIDS } from "../evidence.ts"
import { abiVersionOf, GUEST_POLICY_FLAGS, type GuestPolicyFlag } from "./guest-policy.ts"
import { isSet } from "./flags.ts"
import { PLATFORM_INFO_FLAGS } from "./platform-info.ts"
import type { ProductLine } from "./product-line.ts"
import { tcbOf, type FirmwareVersion, type SnpReport, type TcbName } from "./report.ts"

type Claim = readonly [arc: number, value: ClaimValue | undefined]

/**
 * What a report says, as extensions below the platform's identifier (arcs as the established implementation numbers
 * them). A TCB version is four of them: boot loader, SNP, TEE, microcode; Turin's FMC has no arc.
 */
export function snpClaims(report: SnpReport, line: ProductLine): readonly CertificateExtension[] {
  return encodeClaims(EVIDENCE_OIDS.snp, [
    [1, report.version],
    [2, report.guestSvn],
    ...policyClaims(report),
    [9, report.familyId],
    [10, report.imageId],
    [11, report.vmpl],
    ...tcbClaims(12, report, "current", line),
    ...platformClaims(report),
    [18, report.authorKeyEnabled],
    [19, report.maskChipKey],
    [20, report.signingKeyField],
    [21, report.reportData],
    [22, report.measurement],
    [23, report.hostData],
    [24, report.idKeyDigest],
    [25, report.authorKeyDigest],
    [26, report.reportId],
    [27, report.reportIdMa],
    ...tcbClaims(28, report, "reported", line),
    [32, report.chipId],
    ...tcbClaims(33, report, "committed", line),
    ...firmwareClaims(37, report.currentFirmware),
    ...firmwareClaims(40, report.committedFirmware),
    ...tcbClaims(43, report, "launch", line),
  ])
}

function policyClaims({ policy }: SnpReport): readonly Claim[] {
  const { major, minor } = abiVersionOf(policy)
  const flag = (wanted: GuestPolicyFlag): boolean =>
    GUEST_POLICY_FLAGS.some((candidate) => candidate.name === wanted && isSet(policy, candidate))
  return [
    [3, major],
    [4, minor],
    [5, flag("debug")],
    [6, flag("migrateMa")],
    [7, flag("smt")],
    [8, flag("singleSocket")],
  ]
}

function platformClaims({ platformInfo }: SnpReport): readonly Claim[] {
  const flag = (wanted: "smtEnabled" | "tsmeEnabled"): boolean =>
    PLATFORM_INFO_FLAGS.some((candidate) => candidate.name === wanted && isSet(platformInfo, candidate))
  return [
    [16, flag("smtEnabled")],
    [17, flag("tsmeEnabled")],
  ]
}

function tcbClaims(first: number, report: SnpReport, name: TcbName, line: ProductLine): readonly Claim[] {
  const tcb = tcbOf(report, name, line)
  return [tcb?.bootloader, tcb?.snp, tcb?.tee, tcb?.microcode].map((part, index) => [first + index, part])
}

function firmwareClaims(first: number, [major, minor, build]: FirmwareVersion): readonly Claim[] {
  return [build, minor, major].map((part, index) => [first + index, part])
}
