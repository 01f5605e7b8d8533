import type { Command } from "commander"

/** What a shell can offer of the program. */
export interface CommandTree {
  readonly name: string
  readonly globalOptions: readonly OptionWord[]
  readonly commands: readonly CommandWord[]
}

/** A command. */
export interface CommandWord {
  readonly name: string
  readonly summary: string
  readonly options: readonly OptionWord[]
  /** Words that may come as its argument; none where it takes files. */
  readonly choices: readonly string[]
}

/** A flag. */
export interface OptionWord {
  /** With its dashes. */
  readonly long: string
  /** With its dash, or empty. */
  readonly short: string
  readonly description: string
  readonly takesValue: boolean
  /** Values that are known beforehand; none where it takes a file. */
  readonly choices: readonly string[]
}

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  "--output": ["text", "json"],
  "--log-level": ["error", "warn", "info", "debug"],
}
const SHELLS = ["bash", "zsh", "fish"]

/** Reads the tree from the declarations that the program itself parses by. */
export function readCommandTree(program: Command): CommandTree {
  return {
    name: program.name(),
    globalOptions: readOptions(program),
    commands: program.commands.map((command) => ({
      name: command.name(),
      summary: command.summary(),
      options: uniqueByName([command, ...command.commands].flatMap(readOptions)),
      choices: command.name() === "completion" ? SHELLS : command.commands.map((part) => part.name()),
    })),
  }
}

/** Parts of a command share flags. */
function uniqueByName(options: readonly OptionWord[]): readonly OptionWord[] {
  return [...new Map(options.map((option) => [option.long, option])).values()]
}

function readOptions(command: Command): readonly OptionWord[] {
  const help = { long: "--help", short: "-h", description: "print help", takesValue: false, choices: [] }
  const shown = command.options.filter((option) => !option.hidden)
  const options = shown.map(({ long, short, description, required }) => ({
    long: long ?? "",
    short: short ?? "",
    description,
    takesValue: required,
    choices: CHOICES[long ?? ""] ?? [],
  }))
  return [...options, help]
}
