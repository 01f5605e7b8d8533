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
