import type { CommandTree, CommandWord, OptionWord } from "./command-tree.ts"

/** Completion for zsh: commands, flags with their descriptions, known values, and files elsewhere. */
export function zshScript({ name, globalOptions, commands }: CommandTree): string {
  const cases = commands.map((command) => {
    const options = [...command.options, ...globalOptions].flatMap(optionSpecs)
    return `        ${command.name}) _arguments ${[...options, argumentSpec(command)].join(" ")} ;;`
  })
  return `#compdef ${name}
_${name}() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C ${globalOptions.flatMap(optionSpecs).join(" ")} '1:command:->command' '*::argument:->argument'
  case "$state" in
    command)
      local -a commands=(${commands.map((command) => quote(`${command.name}:${command.summary}`)).join(" ")})
      _describe command commands ;;
    argument)
      case "$line[1]" in
${cases.join("\n")}
      esac ;;
  esac
}
compdef _${name} ${name}`
}

function optionSpecs({ long, short, description, takesValue, choices }: OptionWord): readonly string[] {
  const text = description.replace(/[[\]:\\]/g, "\\$&")
  const value = takesValue ? `:value:${choices.length > 0 ? `(${choices.join(" ")})` : "_files"}` : ""
  return [long, short].filter((flag) => flag !== "").map((flag) => quote(`*${flag}[${text}]${value}`))
}

function argumentSpec({ choices }: CommandWord): string {
  return quote(`*:argument:${choices.length > 0 ? `(${choices.join(" ")})` : "_files"}`)
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
