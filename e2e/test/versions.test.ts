import { readFile } from "node:fs/promises"
import path from "node:path"
import { expect, test } from "@jest/globals"
import { repository, runProgram } from "../src/program.ts"

test.each([
  ["contrast", "cli"],
  ["contrast-coordinator", "coordinator"],
  ["contrast-initializer", "initializer"],
] as const)("%s tells the version of its package", async (program, app) => {
  const { version } = JSON.parse(await readFile(path.join(repository, "apps", app, "package.json"), "utf8")) as {
    version: string
  }

  const { stdout } = await runProgram({ program, args: ["--version"], cwd: repository })

  expect(stdout).toBe(version)
})
