import { describe, expect, test } from "@jest/globals"
import { parseRetryAfter, waitAfter } from "../src/back-off.ts"
import { createCollateralStore, createMemoryCache } from "../src/index.ts"
import { NOW } from "./lab.ts"

describe("the time to leave a vendor alone", () => {
  test.each([
    [1, 0, 10_000],
    [1, 1, 12_500],
    [2, 0, 20_000],
    [4, 0, 80_000],
    [5, 0, 120_000],
    [1000, 0, 120_000],
  ])("after %d failures, with chance at %d, is %d ms", (failures, random, expected) => {
    expect(waitAfter({ failures, random, retryAfterMs: undefined })).toBe(expected)
  })

  test("is what the vendor says, up to an hour", () => {
    expect(waitAfter({ failures: 3, random: 1, retryAfterMs: 0 })).toBe(0)
    expect(waitAfter({ failures: 3, random: 1, retryAfterMs: 90_000 })).toBe(90_000)
    expect(waitAfter({ failures: 3, random: 1, retryAfterMs: 1e12 })).toBe(3_600_000)
  })
})

test.each([
  ["120", 120_000],
  ["0", 0],
  ["Sun, 01 Mar 2026 00:01:00 GMT", 60_000],
  ["Sun, 01 Mar 2020 00:00:00 GMT", 0],
  ["-1", undefined],
  ["1.5", undefined],
  ["soon", undefined],
  ["", undefined],
  [undefined, undefined],
])("reads Retry-After %j as %j ms", (header, expected) => {
  expect(parseRetryAfter(header, NOW)).toBe(expected)
})

test.each(["kdsintf.amd.com", "ftp://kdsintf.amd.com", "", "http://host?x=", "file:///etc/passwd"])(
  "refuses %j as the address of a service",
  (amdUrl) => {
    expect(() => createCollateralStore({ cache: createMemoryCache(), amdUrl })).toThrow(
      expect.objectContaining({ code: "URL" }),
    )
  },
)
