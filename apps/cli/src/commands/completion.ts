import type { Command } from "commander"
import { bashScript } from "../completion/bash.ts"
import { readCommandTree } from "../completion/command-tree.ts"
import { fishScript } from "../completion/fish.ts"
import { zshScript } from "../completion/zsh.ts"
import { CliError } from "../error.ts"
import type { Report } from "../output.ts"

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript }

/** The completion script of a shell. */
export function completion(program: Command, shell: string): Report {
  if (!isShell(shell)) {
    throw new CliError("USAGE", `expected ${Object.keys(SCRIPTS).join(", ")} as shell, got "${shell}"`)
  }
  const script = SCRIPTS[shell](readCommandTree(program))
  return { data: { shell, script }, text: script }
}

function isShell(name: string): name is keyof typeof SCRIPTS {
  return Object.hasOwn(SCRIPTS, name)
}
