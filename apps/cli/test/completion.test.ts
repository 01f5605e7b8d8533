import { execFileSync } from "node:child_process"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { Folder } from "./support/folder.ts"

let folder: Folder

beforeAll(async () => {
  folder = await Folder.create()
  await folder.write("contrast.bash", (await folder.run(["completion", "bash"])).stdout)
})
afterAll(() => folder.close())

/** What bash offers for the last of these words. */
function complete(...words: readonly string[]): readonly string[] {
  const script = `source ./contrast.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _contrast; printf '%s\\n' "\${COMPREPLY[@]}"`
  const output = execFileSync("bash", ["-euc", script, "bash", ...words], { cwd: folder.root, encoding: "utf8" })
  return output.split("\n").filter((word) => word !== "")
}

describe("completion in bash", () => {
  test.each([
    [["contrast", "ver"], ["verify"]],
    [
      ["contrast", ""],
      ["generate", "set", "verify", "recover", "sign", "collateral", "attest", "completion"],
    ],
    [["contrast", "set", "--at"], ["--atomic"]],
    [["contrast", "set", "--log"], ["--log-level"]],
    [["contrast", "set", "--log-level", "d"], ["debug"]],
    [
      ["contrast", "set", "-o", ""],
      ["text", "json"],
    ],
    [["contrast", "completion", "z"], ["zsh"]],
    [["contrast", "--output", "json", "recover", "--for"], ["--force"]],
  ])("offers for %j what can follow", (words, expected) => {
    expect(complete(...words)).toEqual(expected)
  })

  test("leaves files to the shell", () => {
    expect(complete("contrast", "set", "re")).toEqual([])
  })
})

describe("completion in other shells", () => {
  // What the shells make of their scripts needs the shells; that nothing is missing or unquoted does not.
  test.each([
    ["zsh", (command: string, flag: string) => new RegExp(`^ +${command}\\) _arguments .*'\\*${flag}\\[`, "m")],
    [
      "fish",
      (command: string, flag: string) =>
        new RegExp(`^complete -c contrast -n '__fish_seen_subcommand_from ${command}' -l ${flag.slice(2)} .*'$`, "m"),
    ],
  ])("%s is offered every flag of every command at that command", async (shell, lineOf) => {
    const { stdout } = await folder.run(["completion", shell])

    for (const command of ["generate", "set", "verify", "recover", "sign", "completion"]) {
      const flags = await flagsOf(command)
      expect(flags).toContain("--help")
      for (const flag of flags) expect(stdout).toMatch(lineOf(command, flag))
    }
  })

  test.each(["zsh", "fish"])("%s gets a script in which every quote is closed on its line", async (shell) => {
    const { stdout } = await folder.run(["completion", shell])
    const odd = stdout.split("\n").filter((line) => line.replaceAll(/\\'|'\\''/g, "").split("'").length % 2 === 0)

    expect(odd).toEqual([])
  })
})

/** Flags of a command itself, as its help has them. */
async function flagsOf(command: string): Promise<readonly string[]> {
  const { stdout } = await folder.run([command, "--help"])
  const [, options = ""] = /^Options:\n([^]*?)\n\n/m.exec(stdout) ?? []
  return [...options.matchAll(/^ {2}(?:-\w, )?(--[A-Za-z-]+)/gm)].flatMap(([, flag = ""]) => flag)
}
