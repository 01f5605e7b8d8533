import { parseCertificate } from "@contrast/crypto"
import { describe, expect, test } from "@jest/globals"
import { parseReport, productLineOf } from "../../src/snp/report.ts"
import { amdRoots } from "../../src/snp/roots.ts"
import { parseVekExtensions } from "../../src/snp/vek.ts"
import { verifySnp, type SnpJudgement } from "../../src/snp/verify.ts"
import { neutralValues } from "./neutral.ts"
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
      path: "$.ReferenceValues.snp[0]",
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

  test("no flipped bit of a signed byte leaves a good signature", () => {
    const entry = cases.find(({ id }) => id === "snp-v5")
    if (entry === undefined) throw new Error("expected the case snp-v5")
    for (let offset = 0; offset < 0x2a0; offset += 7) {
      const flipped = judge(entry, (bytes) => {
        const copy = bytes.slice()
        copy[offset] = (copy[offset] ?? 0) ^ (1 << (offset % 8))
        return copy
      })

      expect(refusals(flipped)).not.toEqual(["SNP_CRL_MISSING"])
      expect(flipped.verdict.accepted).toBe(false)
    }
  }, 60_000)

  test("every length but the full one is refused by its size", () => {
    const [entry] = cases
    if (entry === undefined) throw new Error("expected a case")
    for (const size of [0, 1, 671, 1183, 1185]) {
      const resized = judge(entry, (bytes) => {
        const copy = new Uint8Array(size)
        copy.set(bytes.subarray(0, size))
        return copy
      })

      expect(refusals(resized)).toEqual(["SNP_REPORT_SIZE"])
      expect(resized.report).toBeUndefined()
    }
  })
})
