import { encodeHex, parseCertificate, type Certificate } from "@contrast/crypto"
import type { SnpReferenceValues } from "@contrast/manifest"
import {
  AMD_POLICY,
  AMD_TCB,
  amdTestRoots,
  issueAmdCrl,
  issueAmdLeaf,
  signAmdReport,
  type AmdLeafOptions,
  type AmdReportOptions,
} from "@contrast/test-authority"
import type { PolicyExpectation } from "../../src/binding-checks.ts"
import type { SnpCode } from "../../src/snp/codes.ts"
import { idKeyDigest } from "../../src/snp/id-key.ts"
import type { ProductLine } from "../../src/snp/product-line.ts"
import type { AmdRoots } from "../../src/snp/roots.ts"
import { verifySnp } from "../../src/snp/verify.ts"
import type { Verdict } from "../../src/verdict.ts"

/** A guest on a machine whose processor vendor is played. */
export const NOW: Date = new Date("2026-06-01T00:00:00Z")
export const MEASUREMENT: Uint8Array = new Uint8Array(48).fill(0x11)
export const HOST_DATA: Uint8Array = new Uint8Array(32).fill(0x22)
export const REPORT_DATA: Uint8Array = new Uint8Array(64).fill(0x33)
export const PATH = "ReferenceValues.snp[0]"
export const POLICY: PolicyExpectation = {
  policies: new Map([[encodeHex(HOST_DATA), { sans: ["web"], workloadSecretId: "" }]]),
  demand: "named",
}

export const roots: AmdRoots = amdTestRoots()

/** A report that is good in every way, but for what the options say. */
export function signReport(options: Partial<AmdReportOptions> = {}): Uint8Array {
  const { measurement = MEASUREMENT, policy = AMD_POLICY } = options
  return signAmdReport({
    reportData: REPORT_DATA,
    measurement,
    hostData: HOST_DATA,
    idKeyDigest: idKeyDigest(measurement, policy),
    ...options,
  })
}

export function issueLeaf(options: AmdLeafOptions = {}): Certificate {
  return parseCertificate(issueAmdLeaf(options))
}

const { fmc, bootloader, tee, snp, microcode } = AMD_TCB

/** Reference values that accept the report. */
export const values: SnpReferenceValues = {
  kind: "snp",
  platform: "Metal-QEMU-SNP",
  productName: "Milan",
  trustedMeasurement: MEASUREMENT,
  minimumTcb: { bootloaderVersion: bootloader, teeVersion: tee, snpVersion: snp, microcodeVersion: microcode },
  guestPolicy: {
    ...{ abiMinor: 0, abiMajor: 0, smt: true, migrateMa: false, debug: false, singleSocket: false, cxlAllowed: false },
    ...{ memAes256Xts: false, raplDis: false, cipherTextHidingDram: false, pageSwapDisable: false },
  },
  platformInfo: {
    ...{ smtEnabled: true, tsmeEnabled: false, eccEnabled: false, raplDisabled: false },
    ...{ ciphertextHidingDramEnabled: false, aliasCheckComplete: false, tioEnabled: false },
  },
  minimumMitigationVector: 0n,
  allowedChipIds: [],
}

/** The same for a processor of another line. */
export function valuesOf(line: ProductLine): SnpReferenceValues {
  const minimumTcb = line === "Turin" ? { ...values.minimumTcb, fmcVersion: fmc } : values.minimumTcb
  return { ...values, productName: line, minimumTcb }
}

/** How evidence, and what it is judged by, differ from those that are good. */
export interface Change extends Partial<AmdReportOptions> {
  readonly report?: (view: DataView) => void
  readonly raw?: (report: Uint8Array) => Uint8Array
  readonly leaf?: Certificate | undefined
  readonly authorities?: readonly Certificate[]
  readonly crl?: Uint8Array | undefined
  readonly values?: Partial<SnpReferenceValues>
  readonly reportDataExpected?: Uint8Array
  readonly policyExpected?: PolicyExpectation
  readonly now?: Date
}

export function judge(change: Change = {}): Verdict<SnpCode> {
  const evidence = {
    report: (change.raw ?? ((report) => report))(
      signReport({ ...change, ...(change.report && { change: change.report }) }),
    ),
    leaf: "leaf" in change ? change.leaf : issueLeaf(),
    authorities: change.authorities ?? [],
    crl: "crl" in change ? change.crl : issueAmdCrl(),
  }
  return verifySnp(evidence, {
    values: { ...values, ...change.values },
    path: PATH,
    policy: change.policyExpected ?? POLICY,
    reportData: change.reportDataExpected ?? REPORT_DATA,
    now: change.now ?? NOW,
    roots,
  }).verdict
}

/** The codes that refuse, each once, in the order of the checks. */
export function failures({ checks }: Verdict<SnpCode>): readonly string[] {
  return [...new Set(checks.filter(({ outcome }) => outcome === "fail").map(({ id }) => id))]
}

/** Checks that were skipped because of one that did not fail. */
export function misnamed(verdict: Verdict<SnpCode>): readonly string[] {
  const failed = failures(verdict)
  return verdict.checks.flatMap(({ id, because }) =>
    because && !failed.includes(because) ? [`${id}: ${because}`] : [],
  )
}
