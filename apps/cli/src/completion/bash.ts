import type { CommandTree, OptionWord } from "./command-tree.ts"

/** Completion for bash: commands, flags, known values, and files elsewhere. */
export function bashScript({ name, globalOptions, commands }: CommandTree): string {
  const cases = commands.map((command) => {
    const options = [...command.options, ...globalOptions]
    return `    ${command.name}) words=${quote(command.choices)} flags=${quote(flagsOf(options))} ;;`
  })
  const valued = [...globalOptions, ...commands.flatMap((command) => command.options)].filter(
    (option) => option.choices.length > 0,
  )
  const values = valued.map(
    (option) =>
      `    ${patternOf(option)}) mapfile -t COMPREPLY < <(compgen -W ${quote(option.choices)} -- "$current"); return ;;`,
  )
  return `# bash completion for ${name}
_${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}"
  local command="" word words=${quote(commands.map((command) => command.name))} flags=${quote(flagsOf(globalOptions))}
  COMPREPLY=()
  case "$previous" in
${values.join("\n")}
  esac
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    case " $words " in *" $word "*) command="$word"; break ;; esac
  done
  case "$command" in
${cases.join("\n")}
  esac
  if [[ "$current" == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$current")
  elif [[ -n "$words" ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  fi
}
complete -o default -F _${name} ${name}`
}

function flagsOf(options: readonly OptionWord[]): readonly string[] {
  return options.flatMap(({ long, short }) => [long, short]).filter((flag) => flag !== "")
}

function patternOf({ long, short }: OptionWord): string {
  return short === "" ? long : `${long}|${short}`
}

function quote(words: readonly string[]): string {
  return `"${words.join(" ")}"`
}
