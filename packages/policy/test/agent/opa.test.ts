import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "@jest/globals"
import { START, basePolicy } from "./base.ts"
import { findOpa, findProgram } from "./evaluators.ts"
import { proveTables } from "./tables.ts"

proveTables("opa", findOpa())

const program = findProgram("opa", "OPA_BIN")
const suite = program === undefined ? describe.skip : describe

suite(`the text of a policy${program === undefined ? " (skipped: opa is not found)" : ""}`, () => {
  test.each([
    ["a bare pod", basePolicy()],
    ["an open namespace", basePolicy([["  namespace: default\n", ""]])],
    ["a made-up name", basePolicy([["  name: web\n", "  generateName: web-\n"]])],
    ["no probes and hooks", basePolicy([[/ {4}(livenessProbe|lifecycle):.*\n/g, ""]])],
  ])("is strict Rego, in v1 and in v0: %s", (_name, policy) => {
    expect(runOpa(policy, ["check", "--strict"])).toMatchObject({ status: 0, stderr: "" })
    expect(runOpa(policy, ["check", "--strict", "--v0-compatible"])).toMatchObject({ status: 0, stderr: "" })
  })

  test("prints the numbers of conditions, and no value of the request", () => {
    const query = ["eval", "data.agent_policy.CreateContainerRequest", "--stdin-input", "--fail", "--data"]

    const { stderr } = runOpa(
      basePolicy(),
      query,
      JSON.stringify({ ...asObject(START.app.request), exec_id: "secret" }),
    )

    expect(stderr).toMatch(/CreateContainerRequest: C04\n$/)
    expect(stderr).not.toContain("secret")
  })
})

function asObject(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {}
}

function runOpa(policy: string, args: readonly string[], input = ""): { status: number | null; stderr: string } {
  const folder = mkdtempSync(join(tmpdir(), "policy-"))
  try {
    const file = join(folder, "policy.rego")
    writeFileSync(file, policy)
    return spawnSync(program ?? "", [...args, file], { input, encoding: "utf8" })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
