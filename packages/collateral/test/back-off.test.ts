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

  test.each([
    [3, 90_000, 90_000],
    [3, 1e12, 1e12],
    [1, 0, 1000],
    [2, 0, 2000],
    [4, 1000, 8000],
    [1000, 0, 120_000],
  ])("after %d failures is what the vendor asks for, %d ms, and never nothing: %d ms", (failures, asked, expected) => {
    expect(waitAfter({ failures, random: 1, retryAfterMs: asked })).toBe(expected)
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
