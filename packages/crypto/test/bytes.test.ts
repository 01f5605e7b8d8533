import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import {
  concatBytes,
  decodeBase64,
  decodeHex,
  decodeUtf8,
  encodeBase64,
  encodeHex,
  encodeUtf8,
  equalBytes,
} from "../src/index.ts"
import { codeOf } from "./support/code-of.ts"
import { FUZZ_RUNS } from "./support/fuzz.ts"

describe("concatBytes", () => {
  test("joins the parts in order", () => {
    const joined = concatBytes(Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3))

    expect(joined).toEqual(Uint8Array.of(1, 2, 3))
  })

  test("makes nothing of nothing", () => {
    expect(concatBytes()).toEqual(new Uint8Array(0))
  })

  test("leaves the parts apart from the result", () => {
    const part = Uint8Array.of(1)
    const joined = concatBytes(part)

    joined[0] = 2

    expect(part).toEqual(Uint8Array.of(1))
  })
})

describe("equalBytes", () => {
  test.each([
    ["equal", [1, 2], [1, 2], true],
    ["empty", [], [], true],
    ["different at the end", [1, 2], [1, 3], false],
    ["different at the start", [0, 2], [1, 2], false],
    ["a prefix", [1, 2], [1, 2, 3], false],
  ])("compares bytes that are %s", (_name, a, b, expected) => {
    expect(equalBytes(Uint8Array.from(a), Uint8Array.from(b))).toBe(expected)
  })
})

describe("hex", () => {
  test("is written in lower case and read in both", () => {
    expect(encodeHex(Uint8Array.of(0x00, 0xab, 0xff))).toBe("00abff")
    expect(decodeHex("00aBFf")).toEqual(Uint8Array.of(0x00, 0xab, 0xff))
  })

  test("covers only the view of a larger buffer", () => {
    expect(encodeHex(Uint8Array.of(1, 2, 3, 4).subarray(1, 3))).toBe("0203")
  })

  test.each([
    ["an odd length", "abc"],
    ["another letter", "0g"],
    ["a prefix", "0x00"],
    ["a space", "00 1"],
    ["a newline at the end", "00\n\n"],
    ["digits of another script", "١٢"],
  ])("is refused with %s", (_name, text) => {
    expect(codeOf(() => decodeHex(text))).toBe("HEX")
  })

  test("round-trips", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decodeHex(encodeHex(bytes))).toEqual(bytes)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})

describe("base64", () => {
  test.each([
    ["", ""],
    ["66", "Zg=="],
    ["666f6f", "Zm9v"],
    ["fbff", "+/8="],
  ])("encodes %j as RFC 4648 §10 has it", (hex, text) => {
    expect(encodeBase64(decodeHex(hex))).toBe(text)
    expect(decodeBase64(text)).toEqual(decodeHex(hex))
  })

  test.each([
    ["no padding", "Zg"],
    ["too much padding", "Zg==="],
    ["bits left over", "Zh=="],
    ["the alphabet of URLs", "-_8="],
    ["a newline", "Zm9v\n"],
    ["a space", "Zm 9v"],
    ["a foreign character", "Zm9v*"],
    ["text after the padding", "Zg==Zg=="],
  ])("is refused with %s", (_name, text) => {
    expect(codeOf(() => decodeBase64(text))).toBe("BASE64")
  })

  test("has one text for each byte string", () => {
    fc.assert(
      fc.property(fc.base64String(), (text) => {
        expect(codeOf(() => decodeBase64(text)) === "BASE64" || encodeBase64(decodeBase64(text)) === text).toBe(true)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})

describe("UTF-8", () => {
  test("keeps a byte order mark", () => {
    expect(encodeUtf8(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)))).toEqual(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))
  })

  test.each([
    ["a stray continuation", [0x80]],
    ["a cut sequence", [0xe6, 0x97]],
    ["a byte that never occurs", [0xff]],
    ["an overlong form", [0xc0, 0x80]],
    ["an encoded surrogate", [0xed, 0xa0, 0x80]],
  ])("is refused with %s", (_name, bytes) => {
    expect(codeOf(() => decodeUtf8(Uint8Array.from(bytes)))).toBe("UTF8")
  })

  test("is refused for text with half a surrogate pair", () => {
    expect(codeOf(() => encodeUtf8("a\ud800"))).toBe("UTF8")
  })

  test("round-trips", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(decodeUtf8(encodeUtf8(text))).toBe(text)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})
