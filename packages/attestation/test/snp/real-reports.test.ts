import { CryptoError, encodeHex, parseCertificate } from "@contrast/crypto"
import { describe, expect, test } from "@jest/globals"
import { parseReport, productLineOf, REPORT_BYTES, tcbOf, type TcbName } from "../../src/snp/report.ts"
import { amdRoots } from "../../src/snp/roots.ts"
import { lineOf, parseVekExtensions, type VekExtensions } from "../../src/snp/vek.ts"
import { verifySnp, type SnpJudgement } from "../../src/snp/verify.ts"
import { ANY_POLICY, neutralValues } from "./neutral.ts"
import { found, readBytes, readCases, type SnpCase } from "./vectors.ts"

const suite = found ? describe : describe.skip
const cases = readCases()
const NO_REPORT_ID_KEY = ["SNP_ID_KEY", "SNP_KEY_KIND", "SNP_AUTHOR_KEY"]

const same = (bytes: Uint8Array): Uint8Array => bytes
const flip = (offset: number) => (bytes: Uint8Array) => {
  const copy = bytes.slice()
  copy[offset] = (copy[offset] ?? 0) ^ (1 << (offset % 8))
  return copy
}

function judge(
  { report: place, leaf: leafPlace, chain, now }: SnpCase,
  change = same,
  changeLeaf = same,
): SnpJudgement {
  const original = readBytes(place)
  const leaf = parseCertificate(changeLeaf(readBytes(leafPlace)))
  const report = parseReport(original)
  const line = productLineOf(report) ?? parseVekExtensions(leaf)?.line ?? "Milan"
  const roots = chain.includes("milan") && line !== "Milan" ? { Milan: amdRoots().Milan } : amdRoots()
  return verifySnp(
    { report: change(original), leaf, authorities: [], crl: undefined },
    {
      values: neutralValues(report, line),
      path: "ReferenceValues.snp[0]",
      policy: ANY_POLICY,
      reportData: report.reportData,
      now: new Date(now),
      ...(roots.Milan !== undefined && { roots: roots as ReturnType<typeof amdRoots> }),
    },
  )
}

/** The fields as the oracle spells them. */
function describeReport(bytes: Uint8Array, extensions: VekExtensions | undefined): Record<string, unknown> {
  const report = parseReport(bytes)
  const line = lineOf(report, extensions)
  const hexNumber = (value: bigint): string => `0x${value.toString(16)}`
  const tcb = (name: TcbName) => line && tcbOf(report, name, line)
  const { family, model, stepping } = report.cpuid
  return {
    version: report.version,
    guest_svn: report.guestSvn,
    policy: hexNumber(report.policy),
    vmpl: report.vmpl,
    platform_info: hexNumber(report.platformInfo),
    signing_key: report.signingKey,
    product_line: line,
    ...{ current_tcb: tcb("current"), reported_tcb: tcb("reported") },
    ...{ committed_tcb: tcb("committed"), launch_tcb: tcb("launch") },
    current_version: report.currentFirmware.join("."),
    committed_version: report.committedFirmware.join("."),
    cpuid_fam_mod_step: encodeHex(Uint8Array.of(family, model, stepping)),
    ...(report.version >= 5 && {
      launch_mit_vector: hexNumber(report.launchMitigationVector),
      current_mit_vector: hexNumber(report.currentMitigationVector),
    }),
    report_data: encodeHex(report.reportData),
    measurement: encodeHex(report.measurement),
    host_data: encodeHex(report.hostData),
    id_key_digest: encodeHex(report.idKeyDigest),
    author_key_digest: encodeHex(report.authorKeyDigest),
    report_id: encodeHex(report.reportId),
    report_id_ma: encodeHex(report.reportIdMa),
    chip_id: encodeHex(report.chipId),
  }
}

function refusals({ verdict }: SnpJudgement): readonly string[] {
  const failed = verdict.checks.filter(({ outcome }) => outcome === "fail").map(({ id }) => id)
  // The oracle leaves out what depends on the ID block and on the kind of key that a manifest's platform has.
  return [...new Set(failed)].filter((id) => !NO_REPORT_ID_KEY.includes(id)).sort()
}

suite(`real SEV-SNP reports${found ? "" : " (skipped: outside vectors not found)"}`, () => {
  test.each(cases.map((entry) => [entry.id, entry] as const))("%s is judged as the oracle says", (_id, entry) => {
    expect(refusals(judge(entry))).toEqual([...entry.refusals].sort())
  })

  test("no flipped bit of a real report is passed over", () => {
    const entry = cases.find(({ id }) => id === "snp-v5")
    if (entry === undefined) throw new Error("expected the case snp-v5")
    const passedOver = Array.from({ length: REPORT_BYTES }, (_, offset) => offset).filter((offset) => {
      const flipped = judge(entry, flip(offset))
      // No real revocation list is at hand, so its absence alone is what an untouched report is refused for.
      return flipped.verdict.accepted || refusals(flipped).join() === "SNP_CRL_MISSING"
    })

    expect(passedOver).toEqual([])
  }, 120_000)

  test("no flipped bit of a real leaf is passed over", () => {
    const entry = cases.find(({ id }) => id === "snp-v5")
    if (entry === undefined) throw new Error("expected the case snp-v5")
    const isPassedOver = (offset: number): boolean => {
      try {
        const { verdict } = judge(entry, same, flip(offset))
        return verdict.checks.every(({ id, outcome }) => outcome !== "fail" || id.startsWith("SNP_CRL_"))
      } catch (error) {
        if (error instanceof CryptoError) return false
        throw error
      }
    }

    expect([...readBytes(entry.leaf).keys()].filter(isPassedOver)).toEqual([])
  }, 120_000)

  test.each(cases.map((entry) => [entry.id, entry] as const))("%s is read as the oracle says", (_id, entry) => {
    const { report, leaf, fields } = entry

    expect(describeReport(readBytes(report), parseVekExtensions(parseCertificate(readBytes(leaf))))).toEqual(fields)
  })

  test("every length but the full one is refused by its size", () => {
    const [entry] = cases
    if (entry === undefined) throw new Error("expected a case")
    const original = readBytes(entry.report)
    const longer = new Uint8Array(REPORT_BYTES + 1)
    longer.set(original)
    for (const size of [...original.keys(), REPORT_BYTES + 1]) {
      const resized = judge(entry, () => longer.subarray(0, size))

      expect(refusals(resized)).toEqual(["SNP_REPORT_SIZE"])
      expect(resized.report).toBeUndefined()
    }
  }, 60_000)
})
