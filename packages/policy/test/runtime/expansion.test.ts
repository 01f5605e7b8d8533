import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { expandVariables } from "../../src/runtime/expansion.ts"
import { joinText } from "../../src/text.ts"
import { FUZZ_RUNS } from "../fuzz.ts"

const VALUES = new Map([
  ["A", ["one"]],
  ["B", ["$(A)"]],
  ["EMPTY", [""]],
  ["IP", [{ unknown: "[0-9.]+" }]],
])

function expand(text: string): unknown {
  return joinText(expandVariables(text, (name) => VALUES.get(name)))
}

describe("expandVariables", () => {
  test.each([
    ["", ""],
    ["plain", "plain"],
    ["$(A)", "one"],
    ["-$(A)-$(A)-", "-one-one-"],
    ["$(EMPTY)", ""],
    ["$(B)", "$(A)"],
    ["$(NONE)", "$(NONE)"],
    ["$$", "$"],
    ["$$(A)", "$(A)"],
    ["$$$(A)", "$one"],
    ["$$$$(A)", "$$(A)"],
    ["$", "$"],
    ["a$", "a$"],
    ["$A", "$A"],
    ["$(A", "$(A"],
    ["$(A$(A)", "$(A$(A)"],
    ["$((A))", "$((A))"],
    ["$()", "$()"],
    ["é$(A)é", "éoneé"],
  ])("makes %j into %j", (text, expected) => {
    expect(expand(text)).toBe(expected)
  })

  test("makes a pattern of a value with an unknown part", () => {
    expect(expand("http://$(IP):80/?a.b")).toEqual({ pattern: "^http://[0-9.]+:80/\\?a\\.b$" })
  })

  test("leaves text without a dollar sign alone", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const plain = text.replaceAll("$", "")

        expect(expand(plain)).toBe(plain)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  test("undoes the doubling of every dollar sign", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("$", "(", ")", "A") }), (text) => {
        expect(expand(text.replaceAll("$", "$$$$"))).toBe(text)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})
