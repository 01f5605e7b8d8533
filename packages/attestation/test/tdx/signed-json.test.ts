import { encodeHex, encodeUtf8 } from "@contrast/crypto"
import { describe, expect, test } from "@jest/globals"
import { parseSignedJson } from "../../src/tdx/signed-json.ts"

const SIGNATURE = "0aF".repeat(42) + "00"
const MAX_BYTES = 256 * 1024

const sealed = (json: string, ending = `,"signature":"${SIGNATURE}"}`): Uint8Array =>
  encodeUtf8(`{"it":${json}${ending}`)
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth)

test("gives back the bytes that are signed, and the signature", () => {
  const { content, signedBytes, signature } = parseSignedJson(sealed('{ "a" : "ü" }'), "it")

  expect(content.text("a")).toBe("ü")
  expect(signedBytes).toEqual(encodeUtf8('{ "a" : "ü" }'))
  expect(encodeHex(signature)).toBe(SIGNATURE.toLowerCase())
})

test.each([
  ["strings that look like keys", '{"list":["x",":y"],"value":"a\\":"}'],
  ["one escape after the other", '{"a":"\\n\\n\\"\\\\","\\u0062\\t":1}'],
  ["equal keys in different objects", '{"a":{"b":1},"c":{"b":1}}'],
  ["16 levels", `{"a":${nested(15)}}`],
])("reads %s", (_what, json) => {
  expect(parseSignedJson(sealed(json), "it").signedBytes).toEqual(encodeUtf8(json))
})

test("reads up to 256 KiB, line ends behind it included", () => {
  const text = sealed("{}")
  const padded = (size: number): Uint8Array => Buffer.alloc(size, "\n").fill(text, 0, text.length)

  expect(parseSignedJson(padded(MAX_BYTES), "it").signedBytes).toEqual(encodeUtf8("{}"))
  expect(() => parseSignedJson(padded(MAX_BYTES + 1), "it")).toThrow(RangeError)
})

describe("refuses", () => {
  test.each([
    ["another key", encodeUtf8(`{"other":{},"signature":"${SIGNATURE}"}`)],
    ["no signature", sealed("{}", "}")],
    ["a signature of 63 bytes", sealed("{}", `,"signature":"${SIGNATURE.slice(2)}"}`)],
    ["something behind the signature", sealed("{}", `,"signature":"${SIGNATURE}"}x`)],
    ["no object", sealed("7")],
    ["17 levels", sealed(`{"a":${nested(16)}}`)],
    ["a key twice", sealed('{"a":1,"a":1}')],
    ["a key twice, once escaped", sealed('{"a":1,"\\u0061":1}')],
    ["a key twice, once with space before its colon", sealed('{"a":1,"a" \t\r\n:1}')],
  ])("%s", (_what, body) => {
    expect(() => parseSignedJson(body, "it")).toThrow(RangeError)
  })

  test("two values, and what is no JSON", () => {
    expect(() => parseSignedJson(sealed("{},{}"), "it")).toThrow(SyntaxError)
    expect(() => parseSignedJson(sealed("{'a':1}"), "it")).toThrow(SyntaxError)
  })
})
