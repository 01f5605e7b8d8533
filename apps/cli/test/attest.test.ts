import { randomBytes } from "node:crypto"
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { encodeSnpDocument, EVIDENCE_OIDS, parseTdxQuote, type Verdict } from "@contrast/attestation"
import { createDirectoryCache } from "@contrast/collateral"
import { certificatePem, generateP256Key, issueAttestedCertificate } from "@contrast/crypto"
import { Folder } from "./support/folder.ts"
import {
  hasVectors,
  manifestOfQuote,
  manifestOfReport,
  QUOTE_NOW,
  readVector,
  serveQuoteCollateral,
} from "./support/real-evidence.ts"
import { Vendors } from "./support/vendors.ts"

interface Inspected {
  readonly reportDataCompared: boolean
  readonly form: string
  readonly platform: string
  readonly fields: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly verdict: Verdict | null
}

let folder: Folder
let vendors: Vendors

beforeEach(async () => {
  folder = await Folder.create({ report: madeUpReport() })
  vendors = await Vendors.start()
})
afterEach(async () => {
  await vendors.close()
  await folder.close()
})

async function inspect(
  ...args: readonly string[]
): Promise<{ exitCode: number | null; stderr: string; answer: Inspected }> {
  const { exitCode, stdout, stderr } = await folder.run(["attest", "inspect", "--output", "json", ...args], vendors)
  return { exitCode, stderr, answer: JSON.parse(stdout) as Inspected }
}

/** Version 3 of a Genoa, with nothing but what tells it from noise. */
function madeUpReport(): Uint8Array {
  const report = new Uint8Array(1184)
  report[0] = 3
  report.set([0x19, 0x11, 1], 0x188)
  report.fill(0xab, 0x0c0, 0x0e0)
  report[0x00a] = 0x03 // SMT allowed, and the bit that is always set
  return report
}

describe("contrast attest inspect", () => {
  test("explains a report, and does not say that it is authentic", async () => {
    const { exitCode, stdout } = await folder.run(["attest", "inspect", "report"])

    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^report: report, platform snp\n\nSEV-SNP report\n {2}version +3\n/)
    expect(stdout).toMatch(/productLine +Genoa {2}\(family 19h, model 11h, stepping 1\)/)
    expect(stdout).toMatch(/smt +yes {2}\(SMT\)/)
    expect(stdout).toMatch(/Nothing of this was verified/)
    expect(vendors.asked).toEqual([])
  })

  test.each<[string, (report: Uint8Array) => string | Uint8Array, string]>([
    ["as hex", (report) => `${Buffer.from(report).toString("hex").toUpperCase()}\n`, "report"],
    ["as base64", (report) => Buffer.from(report).toString("base64"), "report"],
    [
      "in lines of base64url",
      (report) => Buffer.from(report).toString("base64url").replace(/.{76}/g, "$&\n"),
      "report",
    ],
    ["in an evidence document", (report) => encodeSnpDocument({ report }), "evidence document"],
    [
      "in an attested certificate, PEM",
      (report) => certificatePem(attestedCertificate(report)),
      "attested certificate",
    ],
    ["in an attested certificate, DER", (report) => attestedCertificate(report).der, "attested certificate"],
  ])("finds a report %s", async (_name, form, expected) => {
    await folder.write("evidence", form(madeUpReport()))

    const { exitCode, answer } = await inspect("evidence")

    expect(exitCode).toBe(0)
    expect(answer).toMatchObject({
      version: 1,
      command: "attest inspect",
      form: expected,
      platform: "snp",
      verdict: null,
      reportDataCompared: false,
    })
    expect(answer.fields["report"]?.["hostData"]).toBe("ab".repeat(32))
  })

  test.each<[string, string | Uint8Array]>([
    ["empty", ""],
    ["text", "hello"],
    ["a report less one byte", madeUpReport().subarray(1)],
    ["a certificate without evidence", certificatePem(attestedCertificate())],
    ["a quote cut off", Uint8Array.of(4, 0, 2, 0, 0x81, 0, 0, 0)],
    ["noise", randomBytes(4096).fill(0, 0, 1)],
  ])("fails on a file that is %s", async (_name, content) => {
    await folder.write("evidence", content)

    const { exitCode, stderr } = await folder.run(["attest", "inspect", "evidence"])

    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^error: evidence (is no evidence|cannot be read)/)
  })

  test.each([
    ["--now", "yesterday"],
    ["--report-data", "00"],
    ["--amd-kds-url", "kdsintf.amd.com"],
  ])("takes no %s %s", async (flag, value) => {
    await folder.write("manifest.json", manifestOfReport(madeUpReport()))

    const { exitCode } = await folder.run(["attest", "inspect", "report", "--manifest", "manifest.json", flag, value])

    expect(exitCode).toBe(2)
  })

  test("refuses what nobody signed, and names every failed check", async () => {
    await folder.write("manifest.json", manifestOfReport(madeUpReport()))

    const { exitCode, stderr, answer } = await inspect("report", "--manifest", "manifest.json")

    expect(exitCode).toBe(3)
    expect(answer.verdict).toMatchObject({ version: 1, platform: "snp", accepted: false })
    expect(answer.verdict?.checks).toContainEqual(expect.objectContaining({ outcome: "fail" }))
    expect(stderr).toMatch(/report data was not compared/)
  })
})

function attestedCertificate(report?: Uint8Array): ReturnType<typeof issueAttestedCertificate> {
  const evidence = report && { oid: EVIDENCE_OIDS.snp, document: encodeSnpDocument({ report }) }
  return issueAttestedCertificate({
    key: generateP256Key(),
    ...(evidence && { evidence }),
    now: new Date(),
    serial: randomBytes(16),
  })
}

// The outside vectors are not part of the project: without them there is nothing real to judge.
;(hasVectors ? describe : describe.skip)("a verdict on real evidence", () => {
  const judged = (...args: readonly string[]): ReturnType<typeof inspect> =>
    inspect("evidence", "--manifest", "manifest.json", "--now", QUOTE_NOW, ...args)

  beforeEach(async () => {
    const quote = readVector("dcap-qvl/tdx_quote")
    await folder.write("evidence", quote)
    await folder.write("manifest.json", manifestOfQuote(quote))
    serveQuoteCollateral(vendors)
  })

  test("accepts a TDX quote with what Intel publishes, and again offline", async () => {
    const { exitCode, answer } = await judged("--online")

    expect(answer.verdict?.checks.filter(({ outcome }) => outcome !== "pass")).toEqual([])
    expect(exitCode).toBe(0)
    expect(answer.verdict).toMatchObject({ accepted: true, tcb: { status: "UpToDate" } })
    expect(vendors.asked).toHaveLength(4)

    expect((await judged()).exitCode).toBe(0)
    expect(vendors.asked).toHaveLength(4)
  })

  test("says whether the report data was compared, in the title and in the data", async () => {
    const args = ["attest", "inspect", "evidence", "--manifest", "manifest.json", "--now", QUOTE_NOW, "--online"]
    const { body } = parseTdxQuote(readVector("dcap-qvl/tdx_quote"))
    const reportData = Buffer.from(body.reportData).toString("hex")
    await folder.run(args, vendors)

    const own = await folder.run(args, vendors)
    const named = await folder.run([...args, "--report-data", reportData], vendors)

    expect([own.exitCode, named.exitCode]).toEqual([0, 0])
    expect(own.stdout).toMatch(/^Verdict by .*: ACCEPTED, report data not compared$/m)
    expect(own.stdout).toMatch(/^ {2}skip {2}REPORT_DATA /m)
    expect(named.stdout).toMatch(/^Verdict by .*: ACCEPTED$/m)
    expect(named.stdout).toMatch(/^ {2}pass {2}REPORT_DATA /m)
    expect((await judged()).answer.reportDataCompared).toBe(false)
    expect((await judged("--report-data", reportData)).answer.reportDataCompared).toBe(true)
    expect((await judged("--report-data", "00".repeat(64))).exitCode).toBe(3)
  })

  test("dates what it fetches by the clock, whatever moment it judges for", async () => {
    const begun = Date.now()
    await judged("--online", "--collateral-dir", folder.path("kept"))

    const cache = createDirectoryCache(folder.path("kept"))
    const entries = await Promise.all((await cache.items()).map((item) => cache.read(item)))

    expect(entries.map((entry) => (entry?.fetchedAt.getTime() ?? 0) >= begun)).toEqual([true, true, true, true])
  })

  test("does not wait for what is due while what is kept is valid", async () => {
    const kept = ["--online", "--collateral-dir", folder.path("kept")]
    await judged(...kept)
    const cache = createDirectoryCache(folder.path("kept"))
    for (const item of await cache.items()) {
      const entry = await cache.read(item)
      if (entry !== undefined) await cache.write({ ...entry, fetchedAt: new Date(QUOTE_NOW) })
    }
    vendors.isSilent = true
    const begun = Date.now()

    const { exitCode } = await judged(...kept)

    expect(exitCode).toBe(0)
    expect(Date.now() - begun).toBeLessThan(10_000)
  })

  test("asks nobody beside a bundle", async () => {
    expect(
      (
        await folder.run([
          "attest",
          "inspect",
          "evidence",
          "--manifest",
          "manifest.json",
          "--collateral",
          "b.json",
          "--online",
        ])
      ).exitCode,
    ).toBe(2)
  })

  test("names the manifest's line that refuses a quote", async () => {
    await folder.write("manifest.json", manifestOfQuote(readVector("dcap-qvl/tdx_quote"), { mrTd: new Uint8Array(48) }))

    const args = ["attest", "inspect", "evidence", "--manifest", "manifest.json", "--now", QUOTE_NOW, "--online"]
    const { exitCode, stdout } = await folder.run(args, vendors)

    expect(exitCode).toBe(3)
    const title = /^Verdict by .*REFUSED, report data not compared$/m.exec(stdout)
    expect(title).not.toBeNull()
    expect(stdout).toMatch(/^ {2}FAIL {2}TD_MRTD {2}.*: expected 0{96}, got 91eb.*\[manifest\.json:\d+ .*MrTd\]$/m)
    expect(stdout.indexOf("FAIL")).toBeLessThan(stdout.indexOf("pass  "))
  })

  test("refuses a quote without what Intel publishes, and tells how to get it", async () => {
    const { exitCode, stderr, answer } = await judged()

    expect(exitCode).toBe(3)
    const failed = answer.verdict?.checks.filter(({ outcome }) => outcome === "fail").map(({ id }) => id)
    expect([...new Set(failed)].sort()).toEqual(["INTEL_CRL_MISSING", "QE_IDENTITY_MISSING", "TCB_INFO_MISSING"])
    expect(stderr).toMatch(/hint: .*contrast collateral fetch/)
    expect(vendors.asked).toEqual([])
  })

  test("refuses a real SEV-SNP report for nothing but the list that AMD did not serve", async () => {
    const report = readVector("virtee-sev/report_milan.hex")
    const raw = new Uint8Array(Buffer.from(report.toString(), "hex"))
    await folder.write("evidence", encodeSnpDocument({ report: raw, vcek: readVector("virtee-sev/vcek_milan.der") }))
    await folder.write("manifest.json", manifestOfReport(raw))

    const { exitCode, answer } = await judged("--online")

    expect(exitCode).toBe(3)
    const failed = answer.verdict?.checks.filter(({ outcome }) => outcome === "fail").map(({ id }) => id)
    expect(failed).toEqual(expect.arrayContaining(["SNP_CRL_MISSING"]))
    expect(failed?.filter((id) => id !== "SNP_ID_KEY")).toEqual(["SNP_CRL_MISSING"])
    expect(answer.fields["leaf"]?.["productName"]).toBe("Milan-B0")
    expect(vendors.asked).toContain("/vcek/v1/Milan/crl")
  })
})
