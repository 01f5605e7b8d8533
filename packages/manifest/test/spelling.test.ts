import { expect, test } from "@jest/globals"
import { didYouMean } from "../src/spelling.ts"

const KNOWN = ["Policies", "ReferenceValues", "SANs", "Role", "SNPVersion", "TEEVersion"]

test.each([
  ["a letter missing", "Polices", "Policies"],
  ["a letter too many", "Policiies", "Policies"],
  ["another letter", "Polizies", "Policies"],
  ["two letters swapped", "Poilcies", "Policies"],
  ["another case", "SANS", "SANs"],
  ["a letter in front", "xRole", "Role"],
  ["the nearest of two after another", "TEVersion", "TEEVersion"],
  ["the nearest of two before another", "SNVersion", "SNPVersion"],
  ["a third of it wrong", "ReferenceV", "ReferenceValues"],
])("a word with %s is recognised", (_title, word, meant) => {
  expect(didYouMean(word, KNOWN)).toBe(`, did you mean "${meant}"?`)
})

test.each([
  ["nothing", ""],
  ["something else", "Comment"],
  ["two letters in front", "xxRole"],
  ["two letters behind", "Rolexx"],
  ["more than a third wrong", "Reference"],
  ["a long word", "Policies".repeat(9)],
])("a word that is %s is not", (_title, word) => {
  expect(didYouMean(word, KNOWN)).toBe("")
})
