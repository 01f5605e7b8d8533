import { decodeUtf8 } from "@contrast/crypto"
import fc from "fast-check"
import { expect, test } from "@jest/globals"
import { encodeGoJson } from "../src/go-json.ts"

test.each([
  ["nothing", null, "null"],
  ["empty lists and objects", { a: [], b: {} }, '{\n  "a": [],\n  "b": {}\n}'],
  ["lists in lists", [[1], [2, 3]], "[\n  [\n    1\n  ],\n  [\n    2,\n    3\n  ]\n]"],
  ["large numbers", 18446744073709551615n, "18446744073709551615"],
  ["truth", [true, false], "[\n  true,\n  false\n]"],
  ["what HTML would read", "<a href='x'>&", "\"\\u003ca href='x'\\u003e\\u0026\""],
  ["what JavaScript would end a line at", "\u2028\u2029", '"\\u2028\\u2029"'],
  ["other characters", "é日\u007f/", '"é日\u007f/"'],
  ["control characters", '\b\t\n\f\r\u0001"\\', '"\\b\\t\\n\\f\\r\\u0001\\"\\\\"'],
  ["keys in their order, escaped", { "b&": 1, a: 2 }, '{\n  "b\\u0026": 1,\n  "a": 2\n}'],
])("writes %s as Go does", (_title, value, text) => {
  expect(decodeUtf8(encodeGoJson(value))).toBe(`${text}\n`)
})

test("writes what reads back the same", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = decodeUtf8(encodeGoJson(value as Parameters<typeof encodeGoJson>[0]))

      // Minus zero is written as 0, and no manifest has it.
      expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(value))
    }),
  )
})
