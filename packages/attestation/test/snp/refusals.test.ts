import type { Certificate } from "@contrast/crypto"
import type { SnpReferenceValues } from "@contrast/manifest"
import { expect, test } from "@jest/globals"
import { AUTHENTICITY_CODES, FORM_CODES, PLATFORM_CODES, REFERENCE_CODES, type SnpCode } from "../../src/snp/codes.ts"
import { verifySnp } from "../../src/snp/verify.ts"
import type { Verdict } from "../../src/verdict.ts"
import {
  askSerial,
  CHIP_ID,
  issueCrl,
  issueLeaf,
  NOW,
  otherCa,
  REPORT_DATA,
  roots,
  signReport,
  values,
} from "./test-amd.ts"

interface Change {
  readonly report?: (view: DataView) => void
  readonly raw?: (report: Uint8Array) => Uint8Array
  readonly leaf?: Certificate | undefined
  readonly authorities?: readonly Certificate[]
  readonly crl?: Uint8Array | undefined
  readonly values?: Partial<SnpReferenceValues>
  readonly reportData?: Uint8Array
}

function judge(change: Change = {}): Verdict<SnpCode> {
  const evidence = {
    report: (change.raw ?? ((report) => report))(signReport(change.report)),
    leaf: "leaf" in change ? change.leaf : issueLeaf(),
    authorities: change.authorities ?? [],
    crl: "crl" in change ? change.crl : issueCrl(),
  }
  return verifySnp(evidence, {
    values: { ...values, ...change.values },
    path: "$.ReferenceValues.snp[0]",
    reportData: change.reportData ?? REPORT_DATA,
    now: NOW,
    roots,
  }).verdict
}

function failures({ checks }: Verdict<SnpCode>): readonly string[] {
  return [...new Set(checks.filter(({ outcome }) => outcome === "fail").map(({ id }) => id))]
}

test("a good report is accepted, and every check was made", () => {
  const verdict = judge()

  expect(failures(verdict)).toEqual([])
  expect(verdict.accepted).toBe(true)
  expect(new Set(verdict.checks.map(({ id }) => id))).toEqual(
    new Set([...FORM_CODES, ...AUTHENTICITY_CODES, ...PLATFORM_CODES, ...REFERENCE_CODES]),
  )
})

const byte = (offset: number, value: number) => (view: DataView) => {
  view.setUint8(offset, value)
}
const bit = (offset: number, index: bigint) => (view: DataView) => {
  view.setBigUint64(offset, view.getBigUint64(offset, true) ^ (1n << index), true)
}
const { guestPolicy, platformInfo, minimumTcb } = values

test.each<[SnpCode, Change]>([
  ["SNP_REPORT_SIZE", { raw: (report) => report.subarray(1) }],
  ["SNP_REPORT_VERSION", { report: byte(0, 6) }],
  ["SNP_REPORT_RESERVED", { report: byte(0x04c, 1) }],
  ["SNP_REPORT_RESERVED", { report: byte(0x03a, 1) }],
  ["SNP_REPORT_CPUID", { report: byte(0x189, 0x50) }],
  ["SNP_GUEST_POLICY_FORM", { report: bit(0x008, 40n) }],
  ["SNP_PLATFORM_INFO_FORM", { report: bit(0x040, 6n) }],
  ["SNP_SIGNATURE_ALGORITHM", { report: byte(0x034, 2) }],
  ["SNP_SIGNING_KEY", { report: byte(0x048, 7 << 2) }],
  ["SNP_SIGNING_KEY", { report: byte(0x048, 2) }],
  ["SNP_VEK_MISSING", { leaf: undefined }],
  ["SNP_VEK_FORM", { leaf: issueLeaf({ commonName: "SEV-VLEK" }) }],
  ["SNP_VEK_EXTENSIONS", { leaf: issueLeaf({ chipId: new Uint8Array(63) }) }],
  ["SNP_CA", { authorities: [otherCa.certificate] }],
  ["SNP_VEK_SIGNATURE", { leaf: issueLeaf({ issuer: otherCa }) }],
  ["SNP_VEK_VALIDITY", { leaf: issueLeaf({ notAfter: "260531235959Z" }) }],
  ["SNP_VEK_PRODUCT", { leaf: issueLeaf({ product: "Genoa" }) }],
  ["SNP_VEK_TCB", { leaf: issueLeaf({ bootloader: 4 }) }],
  ["SNP_VEK_CHIP_ID", { leaf: issueLeaf({ chipId: new Uint8Array(64).fill(1) }) }],
  ["SNP_CRL_MISSING", { crl: undefined }],
  ["SNP_CRL_FORM", { crl: Uint8Array.of(0x30, 0) }],
  ["SNP_CRL_SIGNATURE", { crl: issueCrl({ issuer: otherCa }) }],
  ["SNP_CRL_VALIDITY", { crl: issueCrl({ nextUpdate: "260531235959Z" }) }],
  ["SNP_CA_REVOKED", { crl: issueCrl({ revoked: [askSerial] }) }],
  ["SNP_VEK_REVOKED", { crl: issueCrl({ revoked: [Uint8Array.of(0)] }) }],
  ["SNP_SIGNATURE_RANGE", { raw: (report) => report.fill(0, 0x2a0, 0x2e8) }],
  ["SNP_SIGNATURE_RANGE", { raw: (report) => report.fill(1, 0x2e7, 0x2e8) }],
  ["SNP_SIGNATURE", { raw: (report) => report.fill(9, 0x2a0, 0x2b0) }],
  ["SNP_TCB_ORDER", { report: byte(0x1e0, 9) }],
  ["SNP_FIRMWARE_ORDER", { report: byte(0x1ee, 2) }],
  ["SNP_DEBUG", { report: bit(0x008, 19n) }],
  ["SNP_MIGRATION_AGENT", { report: bit(0x008, 18n) }],
  ["SNP_MIGRATION_AGENT", { report: byte(0x160, 0) }],
  ["SNP_VMPL", { report: byte(0x030, 1) }],
  ["SNP_AUTHOR_KEY", { report: byte(0x048, 1) }],
  ["REFERENCE_VALUE_MISSING", { values: { minimumTcb: { bootloaderVersion: 3, teeVersion: 0, snpVersion: 8 } } }],
  ["SNP_PRODUCT", { values: { productName: "Genoa" } }],
  ["SNP_MEASUREMENT", { values: { trustedMeasurement: new Uint8Array(48) } }],
  ["SNP_GUEST_POLICY", { values: { guestPolicy: { ...guestPolicy, singleSocket: true } } }],
  ["SNP_GUEST_POLICY", { values: { guestPolicy: { ...guestPolicy, abiMinor: 31 } } }],
  ["SNP_PLATFORM_INFO", { values: { platformInfo: { ...platformInfo, smtEnabled: false } } }],
  ["SNP_PLATFORM_INFO", { values: { platformInfo: { ...platformInfo, aliasCheckComplete: true } } }],
  ["SNP_TCB_MINIMUM", { values: { minimumTcb: { ...minimumTcb, microcodeVersion: 116 } } }],
  ["SNP_ID_KEY", { report: byte(0x0e0, 0) }],
  ["SNP_MITIGATION", { values: { minimumMitigationVector: 1n } }],
  ["SNP_CHIP_ID", { values: { allowedChipIds: [new Uint8Array(64).fill(7)] } }],
  ["REPORT_DATA", { reportData: new Uint8Array(64) }],
])("%s refuses", (code, change) => {
  const verdict = judge(change)

  expect(verdict.accepted).toBe(false)
  expect(failures(verdict)).toContain(code)
})

test("a chip of the list is accepted", () => {
  expect(judge({ values: { allowedChipIds: [CHIP_ID] } }).accepted).toBe(true)
})

test("self-made authorities are refused by the roots that are compiled in", () => {
  const evidence = { report: signReport(), leaf: issueLeaf(), authorities: [], crl: issueCrl() }
  const context = { values, path: "$.ReferenceValues.snp[0]", reportData: REPORT_DATA, now: NOW }

  expect(failures(verifySnp(evidence, context).verdict)).toEqual(
    expect.arrayContaining(["SNP_VEK_ISSUER", "SNP_VEK_SIGNATURE", "SNP_CRL_ISSUER", "SNP_CRL_SIGNATURE"]),
  )
})
