import { expect, test } from "@jest/globals"
import { findProductLine, parseProductName } from "../../src/snp/product-line.ts"

test.each([
  [0x19, [0x00, 0x0f], "Milan"],
  [0x19, [0x10, 0x1f, 0xa0, 0xaf], "Genoa"],
  [0x19, [0x20, 0x9f, 0xb0], undefined],
  [0x1a, [0x00, 0x11], "Turin"],
  [0x1a, [0x12, 0x20, 0xa0], undefined],
  [0x18, [0x00, 0x10], undefined],
] as const)("of family %i, models %j are %s", (family, models, line) => {
  expect(models.map((model) => findProductLine({ family, model }))).toEqual(models.map(() => line))
})

test.each([
  ["Milan", "Milan"],
  ["Milan-B0", "Milan"],
  ["Genoa-A-B", "Genoa"],
  ["Turin", "Turin"],
  ["Rome", undefined],
  ["-Milan", undefined],
  ["milan", undefined],
  ["", undefined],
])("a leaf that names %j is of %s", (name, line) => {
  expect(parseProductName(name)).toBe(line)
})
