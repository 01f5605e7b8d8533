import { describe, expect, test } from "@jest/globals"
import { securityLevel } from "../src/index.ts"
import { INSECURE, SECURE, manifestOf, withValue } from "./support/manifests.ts"
import { refusalsOf } from "./support/refusals.ts"

describe("the security level of a manifest", () => {
  test.each([
    ["secure", SECURE],
    ["insecure", INSECURE],
  ])("is %s", (level, json) => {
    expect(securityLevel(manifestOf(json))).toBe(level)
  })

  test("cannot be both", () => {
    const mixed = withValue(SECURE, ["ReferenceValues", "tdx", 1], { Platform: "Metal-QEMU-Insecure" })

    expect(refusalsOf(() => securityLevel(manifestOf(mixed)))).toEqual([["MIXED_PLATFORMS", "$.ReferenceValues"]])
  })

  test("cannot be unknown", () => {
    const empty = withValue(SECURE, ["ReferenceValues"], {})

    expect(refusalsOf(() => securityLevel(manifestOf(empty)))).toEqual([
      ["REFERENCE_VALUES_EMPTY", "$.ReferenceValues"],
    ])
  })
})
