import { describe, expect, test } from "@jest/globals"
import { Checklist } from "../src/checklist.ts"
import { refusedBy, type AnyVerdict } from "../src/error.ts"
import type { SnpCode } from "../src/snp/codes.ts"

const AUTHOR_KEY = { subject: "report.author", expected: "0", actual: "1" }

function verdict(referenceValue: string, failed: readonly SnpCode[], skipped: readonly SnpCode[] = []): AnyVerdict {
  const list = new Checklist<SnpCode>()
  list.equal("SNP_REPORT_SIZE", "report", 1184, 1184)
  for (const code of failed) list.check(code, { ...AUTHOR_KEY, passed: false })
  list.skip(skipped, "SNP_VEK_MISSING")
  return { version: 1, platform: "snp", accepted: false, now: "", referenceValue, checks: list.checks }
}

describe("a refusal", () => {
  test("is that of the entry with the fewest failures, by its first", () => {
    const verdicts = [
      verdict("a", ["SNP_VMPL", "SNP_DEBUG"]),
      verdict("b", ["SNP_AUTHOR_KEY"]),
      verdict("c", ["SNP_VMPL", "SNP_DEBUG", "SNP_PRODUCT"]),
    ]

    const error = refusedBy(verdicts)

    expect(error).toMatchObject({ code: "SNP_AUTHOR_KEY", message: "SNP_AUTHOR_KEY: report.author is 1, expected 0" })
    expect(error.verdicts.map(({ referenceValue }) => referenceValue)).toEqual(["b", "a", "c"])
  })

  test("is what was skipped where nothing failed", () => {
    expect(refusedBy([verdict("a", [], ["SNP_VEK_FORM"])]).code).toBe("SNP_VEK_FORM")
  })

  test("without a verdict says that there is no reference value", () => {
    expect(refusedBy([])).toMatchObject({
      name: "AttestationError",
      code: "REFERENCE_VALUE_MISSING",
      message: "no reference value for this platform",
      verdicts: [],
    })
  })

  test.each(["SNP_VEK_CHIP_ID", "SNP_CHIP_ID"] as const)("%s names no machine in its message", (code) => {
    expect(refusedBy([verdict("a", [code])]).message).toBe(`${code}: report.author is another than expected`)
  })
})
