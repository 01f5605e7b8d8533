import { describe, expect, test } from "@jest/globals"
import { createHash } from "node:crypto"
import { gzipSync } from "node:zlib"
import { encodeBase64, encodeUtf8 } from "@contrast/crypto"
import { decodeAnnotation, encodeAnnotation } from "../src/index.ts"
import fc from "fast-check"
import { codeOf } from "./code-of.ts"
import { FUZZ_RUNS } from "./fuzz.ts"

const TOML = encodeUtf8("version = '0.1.0'\n")

describe("encodeAnnotation", () => {
  test("writes neither time nor host into the gzip header", () => {
    const header = Buffer.from(encodeAnnotation(TOML), "base64").subarray(0, 10)

    expect([...header]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255])
  })

  test("refuses what the API server would not take", () => {
    const random = createHash("shake256", { outputLength: 160 * 1024 }).digest()

    expect(codeOf(() => encodeAnnotation(random))).toBe("POLICY_SIZE")
  })

  test("is undone by decodeAnnotation", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
        expect(decodeAnnotation(encodeAnnotation(bytes))).toEqual(bytes)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})

describe("decodeAnnotation", () => {
  const annotation = encodeAnnotation(TOML)
  const bomb = encodeBase64(gzipSync(new Uint8Array(64 * 1024 * 1024)))

  test.each([
    ["empty", ""],
    ["no base64", "H4sI!"],
    ["without padding", annotation.replace(/=+$/, "")],
    ["followed by a line break", `${annotation}\n`],
    ["no gzip", encodeBase64(TOML)],
    ["cut short", encodeBase64(Buffer.from(annotation, "base64").subarray(0, -9))],
    ["followed by other bytes", encodeBase64(Buffer.concat([Buffer.from(annotation, "base64"), TOML]))],
    ["of a wrong checksum", encodeBase64(flipBit(Buffer.from(annotation, "base64"), -6))],
    ["a bomb of 64 MiB", bomb],
    ["longer than 1 MiB", "A".repeat(1024 * 1024 + 4)],
  ])("refuses an annotation that is %s", (_name, text) => {
    expect(codeOf(() => decodeAnnotation(text))).toBe("ANNOTATION")
  })

  test("answers any text with bytes or a refusal of its own", () => {
    const gzipHeader = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255)
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.base64String(),
      fc.uint8Array().map((bytes) => encodeBase64(Buffer.concat([gzipHeader, bytes]))),
    )

    fc.assert(
      fc.property(text, (annotation) => {
        expect(["ANNOTATION", undefined]).toContain(codeOf(() => decodeAnnotation(annotation)))
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})

function flipBit(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, index) => (index === bytes.length + at ? byte ^ 1 : byte))
}
