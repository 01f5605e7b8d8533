import { readFileSync } from "node:fs"
import { type CertificateExtension, concatBytes, encodeHex, generateP256Key, sha384 } from "@contrast/crypto"
import type { SnpReferenceValues } from "@contrast/manifest"
import { describe, expect, test } from "@jest/globals"
import { SNP_CODES, VALUE_CODES, type SnpCode } from "../../src/snp/codes.ts"
import { describeAbsence } from "../../src/snp/endorsed.ts"
import { idKeyDigest } from "../../src/snp/id-key.ts"
import { extendDigest, launchDigests, vmsaPage } from "../../src/snp/launch-digest.ts"
import { tcbParts } from "../../src/snp/tcb-version.ts"
import { verifySnp } from "../../src/snp/verify.ts"
import {
  AMD_POLICY,
  AMD_TCB,
  amdAuthorities,
  amdExtension,
  amdHardwareId,
  amdSigningKey,
  createStranger,
  encodeAmdTcb,
  issueAmdCrl,
  SHORT_HASH_SIGNING,
  SHORT_SALT_SIGNING,
} from "@contrast/test-authority"
import {
  failures,
  issueLeaf,
  judge,
  MEASUREMENT,
  misnamed,
  NOW,
  PATH,
  POLICY,
  REPORT_DATA,
  signReport,
  values,
  valuesOf,
  type Change,
} from "./played.ts"

test("a good report is accepted, and every check was made", () => {
  const verdict = judge()

  expect(failures(verdict)).toEqual([])
  expect(verdict.accepted).toBe(true)
  expect(new Set(verdict.checks.map(({ id }) => id))).toEqual(new Set(SNP_CODES))
})

const byte = (offset: number, value: number) => (view: DataView) => {
  view.setUint8(offset, value)
}
const bit = (offset: number, index: bigint) => (view: DataView) => {
  view.setBigUint64(offset, view.getBigUint64(offset, true) ^ (1n << index), true)
}
const bytes = (offset: number, size: number, value: number) => (view: DataView) => {
  for (let index = 0; index < size; index++) view.setUint8(offset + index, value)
}
const fields =
  (...changes: readonly (readonly [offset: number, value: number])[]) =>
  (view: DataView) => {
    for (const [offset, value] of changes) view.setUint8(offset, value)
  }
const withBytes = (report: Uint8Array, offset: number, bytes: Uint8Array): Uint8Array => {
  report.set(bytes, offset)
  return report
}
const { guestPolicy, platformInfo, minimumTcb } = values

const { ark, ask, asvk } = amdAuthorities("Milan")
const stranger = createStranger("ARK-Milan")
/** The order of the group of P-384, little-endian: the smallest number that no signature has. */
const ORDER_REVERSED = Buffer.from(
  "7329c5cc6a19ecec7aa7b048b20d1a58df2d37f4814d63c7ffffffffffffffffffffffffffffffffffffffffffffffff",
  "hex",
)

/** What cannot but fail too, in some of the cases of a code; every other case makes its refusal alone. */
const CONSEQUENCES: Readonly<Partial<Record<SnpCode, readonly string[]>>> = {
  // What cannot be read in one check cannot be compared in another.
  SNP_REPORT_RESERVED: ["SNP_TCB_ORDER"],
  SNP_REPORT_CPUID: ["SNP_CA", "SNP_PRODUCT"],
  SNP_SIGNING_KEY: ["SNP_KEY_KIND"],
  // The other kind of leaf has another identity, issuer and key.
  SNP_VEK_FORM: [
    ...["SNP_VEK_EXTENSIONS", "SNP_VEK_ISSUER", "SNP_VEK_SIGNATURE", "SNP_VEK_CHIP_ID", "SNP_SIGNATURE"],
    "SNP_KEY_KIND",
  ],
  // Another issuer signs with another key, and a leaf of another line names that.
  SNP_VEK_ISSUER: ["SNP_VEK_SIGNATURE", "SNP_VEK_PRODUCT"],
  // The ASVK issues keys of providers only.
  SNP_CA_REVOKED: ["SNP_KEY_KIND"],
  SNP_CRL_ISSUER: ["SNP_CRL_SIGNATURE"],
  // Policies are compared with the manifest besides, and are part of the ID block.
  SNP_DEBUG: ["SNP_GUEST_POLICY"],
  SNP_MIGRATION_AGENT: ["SNP_GUEST_POLICY"],
  SNP_GUEST_POLICY: ["SNP_ID_KEY"],
  SNP_MEASUREMENT: ["SNP_ID_KEY"],
}

test.each<[SnpCode, string, Change]>([
  ["SNP_REPORT_SIZE", "a byte short", { raw: (report) => report.subarray(1) }],
  ["SNP_REPORT_VERSION", "version 6", { report: byte(0, 6) }],
  ["SNP_REPORT_VERSION", "version 1", { report: byte(0, 1) }],
  ["SNP_REPORT_RESERVED", "a reserved byte", { report: byte(0x04c, 1) }],
  ["SNP_REPORT_RESERVED", "a spare byte of a TCB version", { report: byte(0x03a, 1) }],
  ["SNP_REPORT_RESERVED", "a reserved bit of KEY_INFO", { report: byte(0x048, 0x20) }],
  ["SNP_REPORT_RESERVED", "a mitigation vector in version 4", { version: 4, report: byte(0x1f8, 1) }],
  ["SNP_REPORT_CPUID", "a processor of no known line", { report: byte(0x189, 0x50) }],
  ["SNP_GUEST_POLICY_FORM", "an unknown policy bit", { report: bit(0x008, 26n) }],
  ["SNP_GUEST_POLICY_FORM", "policy bit 17 clear", { report: bit(0x008, 17n) }],
  ["SNP_PLATFORM_INFO_FORM", "a reserved bit", { report: bit(0x040, 6n) }],
  ["SNP_SIGNATURE_ALGORITHM", "another algorithm", { report: byte(0x034, 2) }],
  ["SNP_SIGNING_KEY", "an unsigned report", { report: byte(0x048, 7 << 2) }],
  ["SNP_SIGNING_KEY", "a masked chip key", { report: byte(0x048, 2) }],
  ["SNP_VEK_MISSING", "no leaf", { leaf: undefined }],
  ["SNP_VEK_FORM", "a VLEK where a VCEK signed", { leaf: issueLeaf({ kind: "VLEK" }) }],
  ["SNP_VEK_FORM", "a VCEK where a VLEK signed", { kind: "VLEK", leaf: issueLeaf() }],
  ["SNP_VEK_FORM", "another name", { leaf: issueLeaf({ commonName: "SEV-VLEK" }) }],
  ["SNP_VEK_FORM", "a key on another curve", { leaf: issueLeaf({ key: generateP256Key() }) }],
  ["SNP_VEK_FORM", "another salt", { leaf: issueLeaf({ signing: SHORT_SALT_SIGNING }) }],
  ["SNP_VEK_FORM", "another hash", { leaf: issueLeaf({ signing: SHORT_HASH_SIGNING }) }],
  [
    "SNP_VEK_FORM",
    "more than 8 KiB",
    { leaf: issueLeaf({ changeExtensions: (all) => [...all, amdExtension("99", new Uint8Array(8 * 1024))] }) },
  ],
  [
    "SNP_VEK_EXTENSIONS",
    "the hardware id of a Turin",
    { leaf: issueLeaf({ hardwareId: new Uint8Array(8).fill(0xc1) }) },
  ],
  ["SNP_VEK_EXTENSIONS", "a short hardware id", { leaf: issueLeaf({ hardwareId: new Uint8Array(63) }) }],
  ["SNP_VEK_EXTENSIONS", "no extensions", { leaf: issueLeaf({ changeExtensions: (all) => all.slice(0, 1) }) }],
  [
    "SNP_VEK_EXTENSIONS",
    "a provider beside the chip",
    { leaf: issueLeaf({ changeExtensions: (all) => [...all, amdExtension("5", Uint8Array.of(0x16, 1, 0x61))] }) },
  ],
  ["SNP_CA", "another authority in the evidence", { authorities: [stranger.certificate] }],
  ["SNP_VEK_ISSUER", "issued by the authority over VLEKs", { leaf: issueLeaf({ issuer: asvk }) }],
  [
    "SNP_VEK_ISSUER",
    "issued by the right key in another name",
    { leaf: issueLeaf({ issuer: { key: ask.key, certificate: asvk.certificate } }) },
  ],
  ["SNP_VEK_ISSUER", "issued by the root itself", { leaf: issueLeaf({ issuer: ark }) }],
  [
    "SNP_VEK_SIGNATURE",
    "issued in the right name with another key",
    { leaf: issueLeaf({ issuer: { key: stranger.key, certificate: ask.certificate } }) },
  ],
  ["SNP_VEK_VALIDITY", "a leaf that has run out", { leaf: issueLeaf({ notAfter: new Date(NOW.getTime() - 1000) }) }],
  ["SNP_VEK_VALIDITY", "a leaf of tomorrow", { leaf: issueLeaf({ notBefore: new Date(NOW.getTime() + 1000) }) }],
  ["SNP_VEK_PRODUCT", "a leaf that names another line", { leaf: issueLeaf({ productName: "Genoa" }) }],
  ["SNP_VEK_ISSUER", "a leaf of another line", { leaf: issueLeaf({ line: "Genoa" }) }],
  ["SNP_VEK_TCB", "a leaf of another TCB", { leaf: issueLeaf({ tcb: { bootloader: 4 } }) }],
  [
    "SNP_VEK_TCB",
    "a part that only Turin has",
    { leaf: issueLeaf({ changeExtensions: (all) => [...all, amdExtension("3.9", Uint8Array.of(2, 1, 0))] }) },
  ],
  ["SNP_VEK_CHIP_ID", "the leaf of another chip", { leaf: issueLeaf({ hardwareId: new Uint8Array(64).fill(1) }) }],
  [
    "SNP_VEK_CHIP_ID",
    "a masked chip id, which a leaf of no chip has too",
    { report: bytes(0x1a0, 64, 0), leaf: issueLeaf({ hardwareId: new Uint8Array(64) }) },
  ],
  ["SNP_VEK_CHIP_ID", "a masked chip id", { report: bytes(0x1a0, 64, 0) }],
  ["SNP_CRL_MISSING", "no revocation list", { crl: undefined }],
  ["SNP_CRL_FORM", "an unreadable revocation list", { crl: Uint8Array.of(0x30, 0) }],
  ["SNP_CRL_ISSUER", "the list of another line", { crl: issueAmdCrl({ line: "Genoa" }) }],
  ["SNP_CRL_ISSUER", "a list in another name", { crl: issueAmdCrl({ issuer: ask.certificate.subject }) }],
  ["SNP_CRL_ISSUER", "a list by the ASK", { crl: issueAmdCrl({ signer: ask }) }],
  ["SNP_CRL_SIGNATURE", "a list with another key", { crl: issueAmdCrl({ signer: stranger }) }],
  ["SNP_CRL_VALIDITY", "an expired list", { crl: issueAmdCrl({ nextUpdate: new Date(NOW.getTime() - 1000) }) }],
  ["SNP_CRL_VALIDITY", "a list of tomorrow", { crl: issueAmdCrl({ thisUpdate: new Date(NOW.getTime() + 1000) }) }],
  ["SNP_CA_REVOKED", "the ASK is listed", { crl: issueAmdCrl({ revoked: [ask.certificate.serialNumber] }) }],
  [
    "SNP_CA_REVOKED",
    "the ASVK is listed",
    {
      ...{ kind: "VLEK", leaf: issueLeaf({ kind: "VLEK" }) },
      crl: issueAmdCrl({ revoked: [asvk.certificate.serialNumber] }),
    },
  ],
  ["SNP_VEK_REVOKED", "the leaf is listed", { crl: issueAmdCrl({ revoked: [Uint8Array.of(0)] }) }],
  ["SNP_SIGNATURE_RANGE", "R is 0", { raw: (report) => report.fill(0, 0x2a0, 0x2e8) }],
  ["SNP_SIGNATURE_RANGE", "S is n", { raw: (report) => withBytes(report, 0x2e8, ORDER_REVERSED) }],
  ["SNP_SIGNATURE_RANGE", "an upper byte of R", { raw: (report) => report.fill(1, 0x2e7, 0x2e8) }],
  ["SNP_SIGNATURE_RANGE", "an upper byte of S", { raw: (report) => report.fill(1, 0x32f, 0x330) }],
  [
    "SNP_SIGNATURE",
    "S is n - 1",
    { raw: (report) => withBytes(withBytes(report, 0x2e8, ORDER_REVERSED), 0x2e8, Uint8Array.of(0x72)) },
  ],
  ["SNP_SIGNATURE", "another signature", { raw: (report) => report.fill(9, 0x2a0, 0x2b0) }],
  ["SNP_SIGNATURE", "another key of the same name", { leaf: issueLeaf({ key: amdSigningKey("VLEK") }) }],
  ["SNP_TCB_ORDER", "committed above current", { report: byte(0x1e0, 9) }],
  ["SNP_TCB_ORDER", "reported above current", { report: byte(0x038, 2) }],
  ["SNP_FIRMWARE_ORDER", "committed above current", { report: byte(0x1ee, 2) }],
  ["SNP_FIRMWARE_ORDER", "a minor version committed above current", { report: byte(0x1ed, 53) }],
  ["SNP_FIRMWARE_ORDER", "a build committed above current", { report: byte(0x1ec, 5) }],
  ["SNP_DEBUG", "debugging allowed", { report: bit(0x008, 19n) }],
  ["SNP_MIGRATION_AGENT", "migration allowed", { report: bit(0x008, 18n) }],
  ["SNP_MIGRATION_AGENT", "an agent bound", { report: byte(0x160, 0) }],
  ["SNP_VMPL", "another level", { report: byte(0x030, 1) }],
  ["SNP_VMPL", "asked by the host", { report: bytes(0x030, 4, 0xff) }],
  ["SNP_AUTHOR_KEY", "an author key in use", { report: byte(0x048, 1) }],
  ["SNP_AUTHOR_KEY", "the digest of an author key", { report: byte(0x110, 1) }],
  [
    "REFERENCE_VALUE_MISSING",
    "no microcode version",
    { values: { minimumTcb: { bootloaderVersion: 3, teeVersion: 0, snpVersion: 8 } } },
  ],
  ["SNP_PRODUCT", "another line", { values: { productName: "Genoa" } }],
  ["SNP_KEY_KIND", "a VLEK", { kind: "VLEK", leaf: issueLeaf({ kind: "VLEK" }) }],
  ["SNP_MEASUREMENT", "another measurement", { values: { trustedMeasurement: new Uint8Array(48) } }],
  ["SNP_GUEST_POLICY", "single socket demanded", { values: { guestPolicy: { ...guestPolicy, singleSocket: true } } }],
  ["SNP_GUEST_POLICY", "SMT not allowed", { values: { guestPolicy: { ...guestPolicy, smt: false } } }],
  ["SNP_GUEST_POLICY", "an ABI of a lower major version", { values: { guestPolicy: { ...guestPolicy, abiMajor: 1 } } }],
  ["SNP_GUEST_POLICY", "CXL not allowed", { report: bit(0x008, 21n) }],
  ["SNP_GUEST_POLICY", "XTS demanded", { values: { guestPolicy: { ...guestPolicy, memAes256Xts: true } } }],
  ["SNP_GUEST_POLICY", "no metering demanded", { values: { guestPolicy: { ...guestPolicy, raplDis: true } } }],
  ["SNP_GUEST_POLICY", "hiding demanded", { values: { guestPolicy: { ...guestPolicy, cipherTextHidingDram: true } } }],
  ["SNP_GUEST_POLICY", "no swapping demanded", { values: { guestPolicy: { ...guestPolicy, pageSwapDisable: true } } }],
  ["SNP_GUEST_POLICY", "a lower ABI", { values: { guestPolicy: { ...guestPolicy, abiMinor: 31 } } }],
  ["SNP_PLATFORM_INFO", "SMT not allowed", { values: { platformInfo: { ...platformInfo, smtEnabled: false } } }],
  ["SNP_PLATFORM_INFO", "TSME not allowed", { report: bit(0x040, 1n) }],
  ["SNP_PLATFORM_INFO", "TIO not allowed", { report: bit(0x040, 7n) }],
  ["SNP_PLATFORM_INFO", "ECC demanded", { values: { platformInfo: { ...platformInfo, eccEnabled: true } } }],
  ["SNP_PLATFORM_INFO", "no metering demanded", { values: { platformInfo: { ...platformInfo, raplDisabled: true } } }],
  [
    "SNP_PLATFORM_INFO",
    "hiding demanded",
    { values: { platformInfo: { ...platformInfo, ciphertextHidingDramEnabled: true } } },
  ],
  ["SNP_PLATFORM_INFO", "alias check", { values: { platformInfo: { ...platformInfo, aliasCheckComplete: true } } }],
  ["SNP_TCB_MINIMUM", "older microcode", { values: { minimumTcb: { ...minimumTcb, microcodeVersion: 116 } } }],
  ["SNP_TCB_MINIMUM", "older microcode at launch", { report: byte(0x1f7, 114) }],
  ["SNP_ID_KEY", "another ID key", { report: byte(0x0e0, 0) }],
  ["SNP_MITIGATION", "no mitigation vector", { values: { minimumMitigationVector: 1n } }],
  [
    "SNP_MITIGATION",
    "one at launch alone",
    { version: 5, report: byte(0x1f8, 1), values: { minimumMitigationVector: 1n } },
  ],
  ["SNP_CHIP_ID", "a chip that is not listed", { values: { allowedChipIds: [new Uint8Array(64).fill(7)] } }],
  ["HOST_DATA", "a policy that the manifest does not name", { policyExpected: { ...POLICY, policies: new Map() } }],
  ["HOST_DATA", "a policy without the role", { policyExpected: { ...POLICY, demand: "coordinator" } }],
  ["REPORT_DATA", "another session", { reportDataExpected: new Uint8Array(64) }],
])("%s refuses %s", (code, _title, change) => {
  const verdict = judge(change)

  const [first, ...others] = failures(verdict)
  expect(verdict.accepted).toBe(false)
  expect(first).toBe(code)
  expect(others.filter((other) => !(CONSEQUENCES[code] ?? []).includes(other))).toEqual([])
  expect(misnamed(verdict)).toEqual([])
})

test("SNP_CA refuses when an authority has run out, and says when that was", () => {
  const verdict = judge({ now: new Date("2050-01-01T00:00:00Z") })

  expect(failures(verdict)).toEqual(["SNP_CA", "SNP_CRL_VALIDITY", "SNP_VEK_VALIDITY"])
  expect(verdict.checks.find(({ id }) => id === "SNP_CA")).toMatchObject({
    actual: "ARK-Milan of 2022-01-01T00:00:00.000Z to 2047-01-01T00:00:00.000Z",
  })
})

describe("every check that can be made is made", () => {
  const skippedIn = (change: Change): readonly string[] =>
    judge(change).checks.flatMap(({ id, outcome }) => (outcome === "skipped" ? [id] : []))

  test.each<[string, Change]>([
    ["a reserved byte that is set", { report: byte(0x04c, 1) }],
    ["an unknown policy bit", { report: bit(0x008, 26n) }],
    ["an authority of somebody else", { authorities: [stranger.certificate] }],
    ["an authority that has run out", { now: new Date("2050-01-01T00:00:00Z") }],
    ["a measurement of somebody else", { values: { trustedMeasurement: new Uint8Array(48) } }],
  ])("after %s", (_title, change) => {
    expect(skippedIn(change)).toEqual([])
  })

  test("after a value that is absent, whose evidence it is", () => {
    const skipped = skippedIn({ values: { minimumTcb: {} } })

    expect(skipped).toEqual([...VALUE_CODES])
  })
})

test("every code has a case that it refuses", () => {
  const source = readFileSync(import.meta.filename, "utf8")

  expect(
    SNP_CODES.filter((code) => !source.includes(`["${code}", "`) && !source.includes(`"${code}",\n    "`)),
  ).toEqual([])
})

const valid: readonly (readonly [string, Change])[] = [
  ["a minor version of firmware committed below current", { report: byte(0x1ed, 51) }],
  [
    "a chip somewhere in the list",
    { values: { allowedChipIds: [new Uint8Array(64).fill(7), amdHardwareId("Milan")] } },
  ],
  ["a revocation list that begins now", { crl: issueAmdCrl({ thisUpdate: NOW }) }],
  ["a revocation list that ends now", { crl: issueAmdCrl({ nextUpdate: NOW }) }],
  ["a leaf that begins now", { leaf: issueLeaf({ notBefore: NOW }) }],
  ["a leaf that ends now", { leaf: issueLeaf({ notAfter: NOW }) }],
  [
    "firmware committed below current in its first part, and above in another",
    { report: fields([0x1ee, 0], [0x1ed, 99]) },
  ],
  [
    "an ABI of a higher major version, and a lower minor one",
    {
      ...{ policy: AMD_POLICY | 0x100n, idKeyDigest: idKeyDigest(MEASUREMENT, AMD_POLICY | 5n) },
      values: { guestPolicy: { ...guestPolicy, abiMinor: 5 } },
    },
  ],
]

test.each(valid)("%s is accepted", (_title, change) => {
  expect(failures(judge(change))).toEqual([])
})

test("on Turin, a leaf has every part of the TCB, and the chip's id fills no more than its place", () => {
  const crl = issueAmdCrl({ line: "Turin" })
  const turin = { line: "Turin", crl, values: valuesOf("Turin") } as const
  const oid = amdExtension("3.9", new Uint8Array()).oid
  const leaf = issueLeaf({ line: "Turin", changeExtensions: (all) => all.filter((extension) => extension.oid !== oid) })

  expect(failures(judge({ ...turin, leaf }))).toEqual(["SNP_VEK_TCB"])
  expect(failures(judge({ ...turin, leaf: issueLeaf({ line: "Turin" }), report: byte(0x1a8, 1) }))).toEqual([
    "SNP_VEK_CHIP_ID",
  ])
})

test("on Turin, a chip of the list is accepted, although its id fills but a part of its place", () => {
  const chipId = new Uint8Array(64)
  chipId.set(amdHardwareId("Turin"))
  const crl = issueAmdCrl({ line: "Turin" })
  const turin = { line: "Turin", crl, leaf: issueLeaf({ line: "Turin" }) } as const

  expect(failures(judge({ ...turin, values: { ...valuesOf("Turin"), allowedChipIds: [chipId] } }))).toEqual([])
})

test.each<[string, number, readonly string[]]>([
  ["reported", 0x182, ["SNP_VEK_TCB", "SNP_TCB_ORDER", "SNP_TCB_MINIMUM"]],
  ["committed", 0x1e2, ["SNP_TCB_ORDER", "SNP_TCB_MINIMUM"]],
  ["launch", 0x1f2, ["SNP_TCB_MINIMUM"]],
])("a %s TCB version with a spare byte meets nothing", (_name, offset, codes) => {
  expect(failures(judge({ report: byte(offset, 1) }))).toEqual(["SNP_REPORT_RESERVED", ...codes])
})

test("a provider's key is of no chip, which is no failure", () => {
  const { checks } = judge({ kind: "VLEK", leaf: issueLeaf({ kind: "VLEK" }) })

  expect(checks.find(({ id }) => id === "SNP_VEK_CHIP_ID")).toMatchObject({ subject: "leaf.hwId", outcome: "pass" })
})

test.each<[string, Partial<SnpReferenceValues>]>([
  ["ProductName", { productName: undefined }],
  ["TrustedMeasurement", { trustedMeasurement: undefined }],
  ["MinimumTCB.BootloaderVersion", { minimumTcb: { ...minimumTcb, bootloaderVersion: undefined } }],
  ["MinimumTCB.TEEVersion", { minimumTcb: { ...minimumTcb, teeVersion: undefined } }],
  ["MinimumTCB.SNPVersion", { minimumTcb: { ...minimumTcb, snpVersion: undefined } }],
  ["MinimumTCB.MicrocodeVersion", { minimumTcb: { ...minimumTcb, microcodeVersion: undefined } }],
  ["MinimumTCB.FMCVersion", { productName: "Turin" }],
] as readonly [string, Partial<SnpReferenceValues>][])(
  "a manifest without %s refuses, whatever the report shows",
  (key, values) => {
    const verdict = judge({ values })

    expect(failures(verdict)).toEqual(["REFERENCE_VALUE_MISSING"])
    expect(verdict.checks.find(({ outcome }) => outcome === "fail")).toMatchObject({
      actual: `no ${key}`,
      manifest: `ReferenceValues.snp[0].${key}`,
    })
  },
)

test("a chip that does not show its id is none of the list, whatever that names", () => {
  const change = { report: bytes(0x1a0, 64, 0), values: { allowedChipIds: [new Uint8Array(64)] } }

  expect(failures(judge(change))).toEqual(["SNP_VEK_CHIP_ID", "SNP_CHIP_ID"])
})

test("a chip of the list is accepted", () => {
  expect(judge({ values: { allowedChipIds: [amdHardwareId("Milan")] } }).accepted).toBe(true)
})

describe.each(["Milan", "Genoa", "Turin"] as const)("on %s", (line) => {
  const crl = issueAmdCrl({ line })

  test.each([2, 3, 4, 5])("a good report of version %i is accepted", (version) => {
    const verdict = judge({ line, version, leaf: issueLeaf({ line }), crl, values: valuesOf(line) })

    expect(failures(verdict)).toEqual([])
    expect(verdict.accepted).toBe(true)
  })

  test("a report of a provider's key is genuine, but of the wrong kind of key for a platform of ours", () => {
    const verdict = judge({ line, kind: "VLEK", leaf: issueLeaf({ line, kind: "VLEK" }), crl, values: valuesOf(line) })

    expect(failures(verdict)).toEqual(["SNP_KEY_KIND"])
  })

  test.each([
    ["VCEK", []],
    ["VLEK", ["SNP_KEY_KIND"]],
  ] as const)("self-made authorities of a %s are refused by the roots that are compiled in", (kind, others) => {
    const evidence = { report: signReport({ line, kind }), leaf: issueLeaf({ line, kind }), authorities: [], crl }
    const context = { values: valuesOf(line), path: PATH, policy: POLICY, reportData: REPORT_DATA, now: NOW }

    const refused = failures(verifySnp(evidence, context).verdict)
    expect(refused).toEqual(["SNP_VEK_SIGNATURE", "SNP_CRL_SIGNATURE", ...others])
  })
})

describe.each(["Milan", "Turin"] as const)("on %s, of a TCB version", (line) => {
  const parts = tcbParts(line)
  const crl = issueAmdCrl({ line })
  const { bootloader, tee, snp, microcode, fmc } = AMD_TCB
  const next = { bootloader: bootloader + 1, tee: tee + 1, snp: snp + 1, microcode: microcode + 1, fmc: fmc + 1 }
  const minimum = {
    ...{ bootloaderVersion: next.bootloader, teeVersion: next.tee, snpVersion: next.snp },
    ...{ microcodeVersion: next.microcode, fmcVersion: next.fmc },
  }

  test.each(
    (["reported", "launch", "committed"] as const).flatMap((name) => parts.map((part) => [name, part] as const)),
  )("the minimum refuses what is %s where its %s alone is below", (name, part) => {
    const lower = { ...next, [part]: AMD_TCB[part] }
    const report = (view: DataView): void => {
      for (const [place, offset] of Object.entries({
        current: 0x038,
        reported: 0x180,
        committed: 0x1e0,
        launch: 0x1f0,
      })) {
        new Uint8Array(view.buffer).set(encodeAmdTcb(place === name ? lower : next, line), offset)
      }
    }

    const leaf = issueLeaf({ line, tcb: name === "reported" ? lower : next })
    const verdict = judge({ line, report, leaf, crl, values: { ...valuesOf(line), minimumTcb: minimum } })

    expect(verdict.checks.filter(({ outcome }) => outcome === "fail")).toMatchObject([
      { id: "SNP_TCB_MINIMUM", subject: `report.${name}Tcb.${part}` },
    ])
  })

  test.each(parts)("a leaf is refused if its %s alone is another", (part) => {
    const leaf = issueLeaf({ line, tcb: { [part]: next[part] } })

    expect(failures(judge({ line, leaf, crl, values: valuesOf(line) }))).toEqual(["SNP_VEK_TCB"])
  })
})

describe("with further processors", () => {
  const apEip = Uint8Array.of(0x00, 0x80, 0xb0, 0x04)
  const eip = 0x0080_b004
  const digests = [...launchDigests(MEASUREMENT, eip, "Milan")]
  const beyond = extendDigest(digests.at(-1) ?? MEASUREMENT, sha384(vmsaPage(eip, 0x00a0_0f11)))
  const judgeMeasured = (measurement: Uint8Array | undefined, change: Change = {}): readonly string[] =>
    failures(judge({ ...(measurement && { measurement }), values: { apEip }, ...change }))

  test.each([1, 2, 17, 220])("a guest of %i is accepted", (count) => {
    expect(judgeMeasured(digests[count - 1])).toEqual([])
  })

  test("a guest of 221 is refused", () => {
    expect(digests).toHaveLength(220)
    expect(judgeMeasured(beyond)).toEqual(["SNP_MEASUREMENT", "SNP_ID_KEY"])
  })

  test("a guest of 2 is refused where their start is read from the wrong end", () => {
    const values = { apEip: apEip.toReversed() }

    expect(judgeMeasured(digests[1], { values })).toEqual(["SNP_MEASUREMENT", "SNP_ID_KEY"])
  })

  test("the ID key is that of all of them", () => {
    expect(judgeMeasured(digests[1], { idKeyDigest: idKeyDigest(MEASUREMENT, AMD_POLICY) })).toEqual(["SNP_ID_KEY"])
  })
})

test("nobody can change what is remembered of an ID key", () => {
  const digest = encodeHex(idKeyDigest(MEASUREMENT, AMD_POLICY))

  idKeyDigest(MEASUREMENT, AMD_POLICY).fill(0)

  expect(encodeHex(idKeyDigest(MEASUREMENT, AMD_POLICY))).toBe(digest)
})

describe("a refusal says", () => {
  const actual = (id: SnpCode, change: Change): unknown => judge(change).checks.find((check) => check.id === id)?.actual

  test("which authorities are not AMD's", () => {
    const own = [ark.certificate, ask.certificate, asvk.certificate]

    expect(failures(judge({ authorities: own }))).toEqual([])
    expect(actual("SNP_CA", { authorities: [...own, stranger.certificate] })).toBe("1 other in the evidence")
  })

  test("what a leaf names in place of a chip", () => {
    const others = (suffix: string) => (all: readonly CertificateExtension[]) =>
      all.filter(({ oid }) => oid !== amdExtension(suffix, new Uint8Array()).oid)
    const named = (change: Parameters<typeof issueLeaf>[0]): unknown =>
      actual("SNP_VEK_EXTENSIONS", { leaf: issueLeaf(change) })

    expect(named({})).toBe("hardware id")
    expect(named({ kind: "VLEK" })).toBe("provider CN=cc-test.example")
    expect(named({ changeExtensions: others("4") })).toBe("neither")
    expect(named({ changeExtensions: (all) => [...all, amdExtension("5", Uint8Array.of(0x16, 1, 0x61))] })).toBe(
      "hardware id and provider a",
    )
  })

  test("which TCB version has a spare byte", () => {
    expect(actual("SNP_REPORT_RESERVED", { report: byte(0x03a, 1) })).toBe("current TCB")
  })

  test("what is absent, and why", () => {
    const none = { leaf: undefined, authorities: [], crl: undefined }

    expect(describeAbsence(none)).toBe("absent")
    expect(describeAbsence({ ...none, problems: ["asked", "in vain"] })).toBe("absent; asked; in vain")
  })
})

test("bits of the policy from 20 to 25 are accepted where the manifest says so", () => {
  const guestPolicy = {
    ...values.guestPolicy,
    ...{ singleSocket: true, cxlAllowed: true, memAes256Xts: true, raplDis: true },
    ...{ cipherTextHidingDram: true, pageSwapDisable: true },
  }

  expect(failures(judge({ policy: 0x3f3_0000n, values: { guestPolicy } }))).toEqual([])
})

test("mitigation vectors of version 5 that hold what is demanded are accepted", () => {
  const report = (view: DataView): void => {
    view.setBigUint64(0x1f8, 0b111n, true)
    view.setBigUint64(0x200, 0b101n, true)
  }

  expect(judge({ version: 5, report, values: { minimumMitigationVector: 0b101n } }).accepted).toBe(true)
})

test("a hardware id in an OCTET STRING is read like a raw one", () => {
  const wrapped = concatBytes(Uint8Array.of(0x04, 64), amdHardwareId("Milan"))

  expect(judge({ leaf: issueLeaf({ hardwareId: wrapped }) }).accepted).toBe(true)
})
