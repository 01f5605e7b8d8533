import { describe, expect, test } from "@jest/globals"
import { ALL_CAPABILITIES, DEFAULT_CAPABILITIES, resolveCapabilities } from "../../src/runtime/capabilities.ts"
import { containerOf } from "../policy-of.ts"

const sorted = (names: readonly string[]): readonly string[] => [...names].sort()

describe("resolveCapabilities", () => {
  test("knows 14 by default and 41 in all", () => {
    expect(new Set(DEFAULT_CAPABILITIES).size).toBe(14)
    expect(new Set(ALL_CAPABILITIES).size).toBe(41)
  })

  test.each([
    [[], [], DEFAULT_CAPABILITIES],
    [["NET_ADMIN"], [], [...DEFAULT_CAPABILITIES, "NET_ADMIN"]],
    [["KILL"], [], DEFAULT_CAPABILITIES],
    [[], ["KILL", "BPF"], DEFAULT_CAPABILITIES.filter((name) => name !== "KILL")],
    [[], ["ALL"], []],
    [["NET_ADMIN"], ["ALL"], ["NET_ADMIN"]],
    [["ALL"], [], ALL_CAPABILITIES],
    [["ALL"], ["BPF"], ALL_CAPABILITIES.filter((name) => name !== "BPF")],
    [["ALL"], ["ALL"], []],
  ])("adds %j and drops %j", (add, drop, expected) => {
    expect(resolveCapabilities(false, { add, drop })).toEqual(sorted(expected))
  })

  test("gives a privileged container all", () => {
    expect(resolveCapabilities(true, { add: [], drop: [] })).toEqual(sorted(ALL_CAPABILITIES))
  })

  test("takes names in any case, with and without CAP_", () => {
    const container = containerOf("securityContext: {capabilities: {add: [cap_net_admin], drop: [all]}}")

    expect(container.process.capabilities).toEqual(["NET_ADMIN"])
  })
})
