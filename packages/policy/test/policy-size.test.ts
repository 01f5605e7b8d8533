import { describe, expect, test } from "@jest/globals"
import { codeOf, messageOf } from "./code-of.ts"
import { generate, podYaml } from "./policy-of.ts"

function withValue(length: number): string {
  return podYaml(`env: [{name: LONG, value: ${"x".repeat(length)}}]`)
}

describe("the size of a policy", () => {
  test("is told of where some agents could not read a line, by the variable's name", () => {
    const { notes } = generate(withValue(2000))

    expect(notes.map(({ message }) => message)).toContainEqual(
      "LONG takes 2021 bytes of the policy; some agents read 1024",
    )
  })

  test.each([
    ["a line of 64 KiB", withValue(64 * 1024), "LONG takes 65557 bytes of the policy, the agent reads 65536"],
    [
      "a line of 64 KiB in other characters",
      withValue(0).replace("value: ", `value: ${"é".repeat(33_000)}`),
      "LONG takes 66021 bytes",
    ],
    ["more than 1 MiB", podYaml(manyVariables()), "the policy has "],
    ["a pattern of more than 1024 bytes", podYaml(`args: [$(X)${"y".repeat(1100)}]\n${UNKNOWN()}`), "the pattern for "],
  ])("is refused: %s", (_name, yaml, part) => {
    expect(codeOf(() => generate(yaml))).toBe("POLICY_SIZE")
    expect(messageOf(() => generate(yaml))).toContain(part)
  })
})

function manyVariables(): string {
  const variables = Array.from({ length: 20 }, (_, index) => `{name: V${index}, value: ${"x".repeat(60_000)}}`)
  return `env: [${variables.join(", ")}]`
}

function UNKNOWN(): string {
  return "env: [{name: X, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]"
}
