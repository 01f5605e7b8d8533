import { readFile } from "node:fs/promises"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { Folder } from "./support/folder.ts"
import { COORDINATOR } from "./support/resources.ts"
import { PEMS } from "./support/keys.ts"

const COMMANDS = ["generate", "set", "verify", "recover", "sign", "completion"]
let folder: Folder

beforeAll(async () => {
  folder = await Folder.create()
})
afterAll(() => folder.close())

describe("contrast", () => {
  test("prints the version of its package", async () => {
    const text = await readFile(path.resolve(import.meta.dirname, "../package.json"), "utf8")

    const { exitCode, stdout } = await folder.run(["--version"])

    expect(exitCode).toBe(0)
    expect(stdout).toBe(`${(JSON.parse(text) as { version: string }).version}\n`)
  })

  test.each([[], ...COMMANDS.map((command) => [command])])("has a full help %s", async (...command) => {
    const { exitCode, stdout, stderr } = await folder.run([...command, "--help"])

    expect(exitCode).toBe(0)
    expect(stderr).toBe("")
    expect(stdout).toContain("--output <format>")
    expect(stdout).toContain("--workspace-dir <folder>")
  })

  test("says what its exit codes mean", async () => {
    const { stdout } = await folder.run(["--help"])

    expect(stdout).toContain("4 the Coordinator needs recovery")
    expect(stdout).toContain("130 interrupted (Ctrl-C) · 143 terminated")
    for (const command of COMMANDS) expect(stdout).toContain(`  ${command} `)
  })

  test.each([
    ["no command", [], /expected a command/],
    ["an unknown command", ["sett"], /unknown command 'sett'.*Did you mean set/],
    [
      "an unknown flag",
      ["sign", "--out", "x", "--outt"],
      /unknown option '--outt'.*Did you mean --out[^]*contrast sign --help/,
    ],
    ["a flag without its value", ["sign", "--out"], /argument missing/],
    ["a missing flag", ["set", "resources"], /required option '-c, --coordinator <host:port>'/],
    ["a missing path", ["generate"], /missing required argument 'paths'/],
    ["too many arguments", ["sign", "x", "--out", "y"], /too many arguments/],
    ["an unknown shell", ["completion", "csh"], /expected bash, zsh, fish as shell, got "csh"/],
    ["an unknown level", ["--log-level", "loud", "completion", "bash"], /--log-level, got "loud"/],
  ])("ends with 2 on %s", async (_name, args, stderr) => {
    const finished = await folder.run(args)

    expect(finished.exitCode).toBe(2)
    expect(finished.stderr).toMatch(stderr)
    expect(finished.stdout).toBe("")
  })

  test("tells programs of a mistake on the command line, too", async () => {
    const { exitCode, stdout } = await folder.run(["--output", "json", "sign"])

    expect(exitCode).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, error: { code: "USAGE", exitCode: 2 } })
  })

  test("finds its files in the workspace folder, and those of flags where the flags say", async () => {
    const other = await Folder.create({
      "workspace/workload-owner.pem": PEMS.workload,
      "workspace/seedshare-owner.pem": PEMS.seedshare,
      "coordinator.yml": COORDINATOR,
    })
    try {
      const flags = ["--workspace-dir", "workspace", "--INSECURE", "--reference-values", "Metal-QEMU-Insecure"]

      const first = await other.run(["generate", ...flags, "coordinator.yml"])
      const second = await other.run(["generate", ...flags, "--manifest", "here.json", "coordinator.yml"])

      expect([first.exitCode, second.exitCode]).toEqual([0, 0])
      expect(await other.names()).toEqual(expect.arrayContaining(["workspace/manifest.json", "here.json"]))
    } finally {
      await other.close()
    }
  })

  test("says nothing but errors at --log-level error", async () => {
    const { stderr } = await folder.run(["--log-level", "error", "sign", "--out", "x"])

    expect(stderr).toMatch(/^error: cannot read manifest\.json: [^\n]+\n$/)
  })

  test("uses colour only where it is asked for", async () => {
    const plain = await folder.run(["sign", "--out", "x"])
    const forced = await folder.run(["sign", "--out", "x"], { env: { FORCE_COLOR: "1" } })
    const refused = await folder.run(["sign", "--out", "x"], { env: { NO_COLOR: "1" } })

    expect(plain.stderr).not.toContain("\u001b")
    expect(forced.stderr).toContain("\u001b")
    expect(refused.stderr).not.toContain("\u001b")
  })
})

describe("contrast completion", () => {
  test.each(["bash", "zsh", "fish"])("prints a script for %s with all commands and flags", async (shell) => {
    const { exitCode, stdout } = await folder.run(["completion", shell])

    expect(exitCode).toBe(0)
    for (const command of COMMANDS) expect(stdout).toContain(command)
    for (const flag of ["coordinator", "accept-rollback", "initializer-image", "log-level"])
      expect(stdout).toContain(flag)
  })

  test("is printed as JSON, too", async () => {
    const { stdout } = await folder.run(["completion", "bash", "--output", "json"])

    expect(JSON.parse(stdout)).toMatchObject({ version: 1, command: "completion", shell: "bash" })
  })
})
