import { encodeHex, parseCertificate, type Certificate } from "@contrast/crypto"
import type { SnpReferenceValues } from "@contrast/manifest"
import {
  AMD_POLICY,
  AMD_TCB,
  amdTestRoots,
  issueAmdLeaf,
  signAmdReport,
  type AmdLeafOptions,
  type AmdReportOptions,
} from "@contrast/test-authority"
import type { PolicyExpectation } from "../../src/binding-checks.ts"
import { idKeyDigest } from "../../src/snp/id-key.ts"
import type { ProductLine } from "../../src/snp/product-line.ts"
import type { AmdRoots } from "../../src/snp/roots.ts"

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
