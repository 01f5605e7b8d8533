import type { CommandTree, OptionWord } from "./command-tree.ts"

/** Completion for fish: commands, flags with their descriptions, known values, and files elsewhere. */
export function fishScript({ name, globalOptions, commands }: CommandTree): string {
  const start = `complete -c ${name}`
  const lines = commands.flatMap((command) => {
    const inside = `-n '__fish_seen_subcommand_from ${command.name}'`
    return [
      `${start} -n __fish_use_subcommand -f -a ${command.name} -d ${quote(command.summary)}`,
      ...command.options.map((option) => `${start} ${inside} ${flags(option)}`),
      ...(command.choices.length > 0 ? [`${start} ${inside} -f -a ${quote(command.choices.join(" "))}`] : []),
    ]
  })
  return [
    `# fish completion for ${name}`,
    ...globalOptions.map((option) => `${start} ${flags(option)}`),
    ...lines,
  ].join("\n")
}

function flags({ long, short, description, takesValue, choices }: OptionWord): string {
  const names = [`-l ${long.slice(2)}`, ...(short === "" ? [] : [`-s ${short.slice(1)}`])]
  const value = choices.length > 0 ? ["-x", `-a ${quote(choices.join(" "))}`] : takesValue ? ["-r", "-F"] : []
  return [...names, ...value, `-d ${quote(description)}`].join(" ")
}

function quote(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`
}
