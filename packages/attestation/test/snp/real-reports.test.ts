import { parseCertificate } from "@contrast/crypto"
import { describe, expect, test } from "@jest/globals"
import { parseReport, productLineOf, REPORT_BYTES } from "../../src/snp/report.ts"
import { amdRoots } from "../../src/snp/roots.ts"
import { parseVekExtensions } from "../../src/snp/vek.ts"
import { verifySnp, type SnpJudgement } from "../../src/snp/verify.ts"
import { ANY_POLICY, neutralValues } from "./neutral.ts"
import { found, readBytes, readCases, type SnpCase } from "./vectors.ts"

const suite = found ? describe : describe.skip
const cases = readCases()
const NO_REPORT_ID_KEY = ["SNP_ID_KEY", "SNP_KEY_KIND", "SNP_AUTHOR_KEY"]

function judge(
  { report: place, leaf: leafPlace, chain, now }: SnpCase,
  change = (bytes: Uint8Array) => bytes,
): SnpJudgement {
  const original = readBytes(place)
  const leaf = parseCertificate(readBytes(leafPlace))
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
    const changed = (offset: number) => (bytes: Uint8Array) => {
      const copy = bytes.slice()
      copy[offset] = (copy[offset] ?? 0) ^ (1 << (offset % 8))
      return copy
    }
    const passedOver = Array.from({ length: REPORT_BYTES }, (_, offset) => offset).filter((offset) => {
      const flipped = judge(entry, changed(offset))
      // No real revocation list is at hand, so its absence alone is what an untouched report is refused for.
      return flipped.verdict.accepted || refusals(flipped).join() === "SNP_CRL_MISSING"
    })

    expect(passedOver).toEqual([])
  }, 120_000)

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
