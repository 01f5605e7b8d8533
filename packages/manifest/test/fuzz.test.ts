import { isDeepStrictEqual } from "node:util"
import { decodeUtf8, encodeUtf8 } from "@contrast/crypto"
import fc from "fast-check"
import { describe, expect, test } from "@jest/globals"
import {
  type Manifest,
  encodeLatestTransition,
  encodeManifest,
  encodeTransition,
  manifestPositions,
  missingReferenceValues,
  parseLatestTransition,
  parseManifest,
  parseTransition,
  validateManifest,
} from "../src/index.ts"
import { anyManifest } from "./support/arbitraries.ts"
import { INSECURE, SECURE, bytesOf } from "./support/manifests.ts"
import { problemsOf } from "./support/refusals.ts"

/** FUZZ_RUNS=100000 for the long mode. */
const numRuns = Number(process.env["FUZZ_RUNS"] ?? 300)
const timeoutMs = 10_000 + numRuns * 20

/** Whatever comes: a manifest that is written and read the same, or a refusal with a place. */
function readOrRefuse(bytes: Uint8Array): void {
  let manifest: Manifest | undefined
  const problems = problemsOf(() => {
    manifest = parseManifest(bytes)
  })
  for (const { code, path, message } of problems) {
    expect(`${code} ${path} ${message}`).toMatch(/^[A-Z_]+ \$/)
    expect(path.length + message.length).toBeLessThan(1000)
  }
  if (manifest !== undefined) checkAccepted(manifest, bytes)
}

function checkAccepted(manifest: Manifest, bytes: Uint8Array): void {
  expectSame(parseManifest(encodeManifest(manifest)), manifest)
  expect(missingReferenceValues(manifest).length).toBeGreaterThanOrEqual(0)
  const locate = manifestPositions(bytes)
  for (const { path, line, column } of problemsOf(() => {
    validateManifest(manifest, bytes)
  })) {
    expect({ line, column }).toEqual(locate(path))
  }
}

/** Much faster than jest's own comparison, which looks at each byte of each hash. */
function expectSame(read: Manifest, written: Manifest): void {
  expect(isDeepStrictEqual(read, written) || [read, written]).toBe(true)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The bytes with some of them replaced, taken out or put in. */
function tampered(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const edit = fc.record({
    at: fc.nat({ max: bytes.length }),
    remove: fc.oneof(fc.constant(0), fc.nat({ max: 8 }), fc.nat({ max: bytes.length })),
    insert: fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc
        .constantFrom('"', "{", "}", "[", "]", ",", ":", "null", "-1", "1e9", "\\u0000", "\\ud800", " ")
        .map(encodeUtf8),
    ),
  })
  return fc
    .array(edit, { minLength: 1, maxLength: 4 })
    .map((edits) =>
      edits.reduce(
        (some, { at, remove, insert }) =>
          Uint8Array.from([...some.subarray(0, at), ...insert, ...some.subarray(at + remove)]),
        bytes,
      ),
    )
}

describe("the reader of manifests takes or refuses", () => {
  test(
    "any bytes",
    () => {
      fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), readOrRefuse), { numRuns })
    },
    timeoutMs,
  )

  test(
    "any JSON",
    () => {
      const anyJson = fc.json({ stringUnit: "binary", maxDepth: 8 }).map(encodeUtf8)
      fc.assert(fc.property(anyJson, readOrRefuse), { numRuns })
    },
    timeoutMs,
  )

  test.each([
    ["a secure manifest", SECURE],
    ["an insecure manifest", INSECURE],
  ])(
    "%s that was tampered with",
    (_title, json) => {
      fc.assert(fc.property(tampered(bytesOf(json)), readOrRefuse), { numRuns })
    },
    timeoutMs,
  )

  test(
    "any manifest, which it then reads as it was written",
    () => {
      fc.assert(
        fc.property(anyManifest(), (manifest) => {
          const bytes = encodeManifest(manifest)

          expectSame(parseManifest(bytes), manifest)
          expect(decodeUtf8(encodeManifest(parseManifest(bytes)))).toBe(decodeUtf8(bytes))
          readOrRefuse(bytes)
        }),
        { numRuns },
      )
    },
    timeoutMs,
  )
})

test(
  "what is JSON is decided as JSON.parse does",
  () => {
    const tokens = [
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"',
      "\\",
      "u00e9",
      "0",
      "1",
      "-",
      "+",
      "e",
      ".",
      " ",
      "\n",
      "\t",
      "\r",
    ]
    const others = [
      "a",
      "true",
      "null",
      '"a"',
      "/",
      "*",
      "//",
      "\u00a0",
      "\ufeff",
      "\u2028",
      "\v",
      "\f",
      "\0",
      "\u007f",
      "\u0085",
    ]
    const text = fc.array(fc.constantFrom(...tokens, ...others), { maxLength: 10 }).map((parts) => parts.join(""))
    fc.assert(
      fc.property(text, (some) => {
        const refused = problemsOf(() => parseManifest(encodeUtf8(some))).some(({ code }) => code === "MANIFEST_JSON")

        expect([some, !refused]).toEqual([some, isJson(some)])
      }),
      { numRuns: numRuns * 10 },
    )
  },
  timeoutMs,
)

describe("the readers of transitions take or refuse", () => {
  const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ minLength: 64, maxLength: 64 }))

  test(
    "any bytes as a transition",
    () => {
      fc.assert(
        fc.property(anyBytes, (bytes) => {
          const problems = problemsOf(() => {
            expect(encodeTransition(parseTransition(bytes))).toEqual(bytes)
          })

          expect(problems.map(({ code }) => code)).toEqual(bytes.length === 64 ? [] : ["TRANSITION_SIZE"])
        }),
        { numRuns },
      )
    },
    timeoutMs,
  )

  test(
    "any bytes as the latest transition",
    () => {
      fc.assert(
        fc.property(anyBytes, (bytes) => {
          const problems = problemsOf(() => {
            expect(encodeLatestTransition(parseLatestTransition(bytes))).toEqual(bytes)
          })

          const fits = bytes.length > 32 && bytes.length <= 136
          expect(problems.map(({ code }) => code)).toEqual(fits ? [] : ["LATEST_TRANSITION_SIZE"])
        }),
        { numRuns },
      )
    },
    timeoutMs,
  )
})
