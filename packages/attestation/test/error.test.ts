import { describe, expect, test } from "@jest/globals"
import { Checklist } from "../src/checklist.ts"
import { AttestationError, refusedBy, type AnyVerdict } from "../src/error.ts"
import type { SnpCode } from "../src/snp/codes.ts"
import type { TdxCode } from "../src/tdx/codes.ts"

const AUTHOR_KEY = { subject: "report.author", expected: "0", actual: "1" }

function verdict(
  referenceValue: string,
  failed: readonly (SnpCode | TdxCode)[],
  { skipped = [], passed = 1 }: { readonly skipped?: readonly SnpCode[]; readonly passed?: number } = {},
): AnyVerdict {
  const list = new Checklist<SnpCode | TdxCode>()
  for (let count = 0; count < passed; count += 1) list.equal("SNP_REPORT_SIZE", "report", 1184, 1184)
  for (const code of failed) list.check(code, { ...AUTHOR_KEY, passed: false })
  list.skip(skipped, "SNP_VEK_MISSING")
  return { version: 1, platform: "snp", accepted: false, now: "", referenceValue, checks: list.checks }
}

describe("a refusal", () => {
  test("is that of the entry with the fewest failures, by its first", () => {
    const verdicts = [
      verdict("a", ["SNP_VMPL", "SNP_DEBUG"]),
      verdict("b", ["SNP_AUTHOR_KEY"], { passed: 9 }),
      verdict("c", ["SNP_VMPL", "SNP_DEBUG", "SNP_PRODUCT"]),
    ]

    const error = refusedBy(verdicts)

    expect(error).toMatchObject({ code: "SNP_AUTHOR_KEY", message: "SNP_AUTHOR_KEY: report.author is 1, expected 0" })
    expect(error.verdicts.map(({ referenceValue }) => referenceValue)).toEqual(["b", "a", "c"])
  })

  test("has a cause if there is one, and verdicts if there are any", () => {
    const cause = new Error("expected")

    expect(new AttestationError("EVIDENCE_FORM", "no evidence", { cause })).toMatchObject({ cause, verdicts: [] })
    expect("cause" in new AttestationError("EVIDENCE_FORM", "no evidence")).toBe(false)
  })

  test("is what was skipped where nothing failed", () => {
    expect(refusedBy([verdict("a", [], { skipped: ["SNP_VEK_FORM"] })]).code).toBe("SNP_VEK_FORM")
  })

  test("without a verdict says that there is no reference value", () => {
    expect(refusedBy([])).toMatchObject({
      name: "AttestationError",
      code: "REFERENCE_VALUE_MISSING",
      message: "no reference value for this platform",
      verdicts: [],
    })
  })

  test.each(["SNP_VEK_CHIP_ID", "SNP_CHIP_ID", "TDX_PIID"] as const)("%s names no machine in its message", (code) => {
    expect(refusedBy([verdict("a", [code])]).message).toBe(`${code}: report.author is another than expected`)
  })
})
