import { describe, expect, test } from "@jest/globals"
import { isLongMode, readJestReport } from "../src/check/jest-report.ts"

const file = (status: string, ...tests: readonly string[]) => ({
  name: "a.test.ts",
  status,
  message: "",
  assertionResults: tests.map((each) => ({ status: each, fullName: `is ${each}` })),
})
const read = (...testResults: readonly object[]) => readJestReport(JSON.stringify({ testResults }))

describe("readJestReport", () => {
  test("counts passed, failed and skipped tests over all files", () => {
    const counts = read(file("passed", "passed", "pending"), file("failed", "passed", "failed", "todo"))

    expect(counts).toMatchObject({ passed: 2, failed: 1 })
    expect(counts.skipped.map((test) => test.title)).toEqual(["is pending", "is todo"])
  })

  test("counts a file that did not load as one failure", () => {
    expect(read(file("failed"))).toMatchObject({ passed: 0, failed: 1 })
  })

  test("counts a file that failed beside its tests as one failure more", () => {
    expect(read(file("failed", "passed"))).toMatchObject({ passed: 1, failed: 1 })
  })
})

describe("isLongMode", () => {
  test.each([
    ["every case (runs with SLOW=1)", true],
    ["every case (skipped: no vectors)", false],
  ])("judges %s by its title", (title, expected) => {
    expect(isLongMode({ file: "a.test.ts", title })).toBe(expected)
  })
})
