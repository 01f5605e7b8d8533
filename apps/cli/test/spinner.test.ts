import { spawn } from "node:child_process"
import { once } from "node:events"
import path from "node:path"
import { text } from "node:stream/consumers"
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { Deployment } from "./support/deployment.ts"

const PROGRAM = path.resolve(import.meta.dirname, "../bin/contrast.js")
const FRAME = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] connecting to 127\.0\.0\.1:\d+/

let deployment: Deployment

beforeEach(async () => {
  deployment = await Deployment.start()
  await deployment.run(["set", "resources"])
})
afterEach(() => deployment.close())

/** Runs the program with a pseudo terminal in place of its streams, and gives all that it wrote there. */
async function runOnTerminal(args: readonly string[]): Promise<string> {
  const command = [process.execPath, PROGRAM, ...args].map((word) => `'${word}'`).join(" ")
  const { root } = deployment.folder
  const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
    cwd: root,
    env: { PATH: process.env["PATH"], HOME: root, TERM: "xterm" },
    stdio: ["ignore", "pipe", "inherit"],
  })
  const [output] = await Promise.all([text(child.stdout), once(child, "exit")])
  expect({ output, exitCode: child.exitCode }).toMatchObject({ exitCode: 0 })
  return output
}

describe("progress", () => {
  test("is a moving line on a terminal, which is taken away again", async () => {
    const output = await runOnTerminal(["verify", "--coordinator", deployment.standIn.address])

    expect(output).toMatch(FRAME)
    expect(output.lastIndexOf("\u001b[2K")).toBeGreaterThan(output.search(FRAME))
    expect(output).toContain("The Coordinator attested")
  })

  test("is not shown on a terminal when only errors are to be said", async () => {
    const args = ["verify", "--coordinator", deployment.standIn.address, "--log-level", "error"]

    expect(await runOnTerminal(args)).not.toMatch(FRAME)
  })

  test("is not shown in a pipe", async () => {
    const { exitCode, stderr, stdout } = await deployment.run(["verify"])

    expect(exitCode).toBe(0)
    expect(stdout + stderr).not.toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/)
    expect(stdout + stderr).not.toContain("\u001b")
  })
})
