import { describe, expect, test } from "@jest/globals"
import { MAX_HKDF_BYTES, decodeHex, encodeHex, hkdfSha256 } from "../src/index.ts"
import { describeOutside, readInsideJson, readOutsideJson, readOutsideText } from "./support/vectors.ts"

interface Case {
  readonly ikm: string
  readonly salt: string
  readonly info: string
  readonly length: number
  readonly okm: string
}

interface WycheproofGroup {
  readonly tests: readonly (Omit<Case, "length"> & {
    readonly size: number
    readonly result: string
    readonly tcId: number
  })[]
}

function derive({ ikm, salt, info, length }: Omit<Case, "okm">): string {
  return encodeHex(hkdfSha256({ ikm: decodeHex(ikm), salt: decodeHex(salt), info: decodeHex(info), length }))
}

describe("hkdfSha256", () => {
  test.each((readInsideJson("rfc5869.json") as { readonly cases: readonly Case[] }).cases)(
    "gives the output of RFC 5869 for $length bytes",
    (vector) => {
      expect(derive(vector)).toBe(vector.okm)
    },
  )

  test.each([
    ["negative", -1],
    ["one too long", MAX_HKDF_BYTES + 1],
    ["a fraction", 1.5],
    ["not a number", Number.NaN],
  ])("refuses a length that is %s", (_name, length) => {
    expect(() => derive({ ikm: "00", salt: "00", info: "", length })).toThrow(RangeError)
  })

  test("gives up to 255 blocks, or nothing", () => {
    expect(derive({ ikm: "00", salt: "00", info: "", length: MAX_HKDF_BYTES })).toHaveLength(2 * MAX_HKDF_BYTES)
    expect(derive({ ikm: "00", salt: "00", info: "", length: 0 })).toBe("")
  })
})

describeOutside("HKDF-SHA-256 vectors", () => {
  test("RFC 5869, every SHA-256 case", () => {
    const blocks = readOutsideText("rfc5869/rfc-5869-HKDF-SHA256.txt").split("COUNT =").slice(1)
    const fields = blocks.map(
      (block) => new Map([...block.matchAll(/^(\w+) *= *(\S*)$/gm)].map(([, k = "", v = ""]) => [k, v])),
    )

    const results = fields.map((field) =>
      derive({
        ikm: field.get("IKM") ?? "",
        salt: field.get("salt") ?? "",
        info: field.get("info") ?? "",
        length: Number(field.get("L")),
      }),
    )

    expect(results).toHaveLength(3)
    expect(results).toEqual(fields.map((field) => field.get("OKM")))
  })

  test("Wycheproof, every case", () => {
    const cases = (
      readOutsideJson("wycheproof/hkdf_sha256_test.json") as { readonly testGroups: readonly WycheproofGroup[] }
    ).testGroups.flatMap(({ tests }) => tests)

    const wrong = cases.filter(({ size, okm, result, ...vector }) => {
      try {
        return derive({ ...vector, length: size }) !== okm || result !== "valid"
      } catch (error) {
        return !(error instanceof RangeError) || result !== "invalid"
      }
    })

    expect(cases).toHaveLength(86)
    expect(wrong).toEqual([])
  })
})
