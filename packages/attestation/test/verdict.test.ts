import { describe, expect, test } from "@jest/globals"
import { Checklist } from "../src/checklist.ts"
import { accepts, type Check } from "../src/verdict.ts"

type Code = "FIRST" | "SECOND" | "THIRD"

const CODES = ["FIRST", "SECOND", "THIRD"] as const
const check = (id: Code, outcome: Check["outcome"] = "pass"): Check<Code> => ({
  ...{ id, outcome, subject: "it", expected: "1", actual: "1" },
})

describe("a list of checks", () => {
  test("accepts if it holds every code and all passed", () => {
    expect(accepts([check("FIRST"), check("SECOND"), check("SECOND"), check("THIRD")], CODES)).toBe(true)
  })

  test.each<[string, readonly Check<Code>[]]>([
    ["is empty", []],
    ["lacks a code", [check("FIRST"), check("THIRD")]],
    ["holds one that failed", [check("FIRST"), check("SECOND", "fail"), check("THIRD")]],
    ["holds one that was skipped", [check("FIRST"), check("SECOND", "skipped"), check("THIRD")]],
    ["holds one that passed and failed", [...CODES.map((code) => check(code)), check("SECOND", "fail")]],
  ])("that %s accepts nothing", (_title, checks) => {
    expect(accepts(checks, CODES)).toBe(false)
  })
})

test("a check says where the manifest decides, if it does", () => {
  const list = new Checklist<Code>()

  expect([list.equal("FIRST", "it", 1n, 1n), list.equal("SECOND", "it", "a", "b", "there")]).toEqual([true, false])
  expect(list.check("THIRD", { subject: "it", passed: true, expected: 1, actual: 2, manifest: "here" })).toBe(true)
  expect(list.checks).toStrictEqual([
    { id: "FIRST", subject: "it", outcome: "pass", expected: "1", actual: "1" },
    { id: "SECOND", subject: "it", outcome: "fail", expected: "b", actual: "a", manifest: "there" },
    { id: "THIRD", subject: "it", outcome: "pass", expected: "1", actual: "2", manifest: "here" },
  ])
})

describe("a check that could not be made", () => {
  const fill = (failed: readonly Code[]): Checklist<Code> => {
    const list = new Checklist<Code>()
    for (const code of failed) list.equal(code, "it", 1, 2)
    return list
  }

  test.each<[string, readonly Code[], Code]>([
    ["the likely reason that failed", ["FIRST", "SECOND"], "SECOND"],
    ["the first failure if none of the likely ones failed", ["FIRST"], "FIRST"],
  ])("names %s", (_title, failed, because) => {
    const list = fill(failed)

    list.skip(["THIRD"], "THIRD", "SECOND")

    expect(list.checks.at(-1)).toMatchObject({ id: "THIRD", outcome: "skipped", because })
  })

  test("names the likeliest reason where nothing has failed, and itself where nobody came to it", () => {
    const list = fill([])
    list.skip(["FIRST"], "SECOND", "THIRD")
    list.complete(CODES)

    expect(list.checks.map(({ id, because }) => [id, because])).toEqual([
      ["FIRST", "SECOND"],
      ["SECOND", "SECOND"],
      ["THIRD", "THIRD"],
    ])
  })

  test("says nothing of what it did not look at", () => {
    const list = fill([])
    list.skip(["FIRST"], "SECOND")

    expect(list.checks).toEqual([
      { id: "FIRST", subject: "", outcome: "skipped", expected: "", actual: "", because: "SECOND" },
    ])
  })

  test("is taken down for every code that nobody came to", () => {
    const list = fill(["SECOND"])

    list.complete(CODES)

    expect(list.checks.map(({ id, because }) => [id, because])).toEqual([
      ["SECOND", undefined],
      ["FIRST", "SECOND"],
      ["THIRD", "SECOND"],
    ])
  })
})
