import type { TextPart } from "../text.ts"

/** Finds what a variable's name stands for; undefined where no such variable is defined. */
export type VariableLookup = (name: string) => readonly TextPart[] | undefined

/**
 * Expands `$(NAME)` as kubelet does: `$$` is a dollar sign, a name that is not defined and an unclosed `$(` stay as
 * they are, and what comes out is not expanded again.
 */
export function expandVariables(text: string, lookup: VariableLookup): readonly TextPart[] {
  const parts: TextPart[] = []
  let rest = text
  for (;;) {
    const dollar = rest.indexOf("$")
    if (dollar < 0 || dollar === rest.length - 1) {
      return [...parts, rest]
    }
    const { taken, replacement } = readReference(rest.slice(dollar), lookup)
    parts.push(rest.slice(0, dollar), ...replacement)
    rest = rest.slice(dollar + taken)
  }
}

interface Reference {
  readonly taken: number
  readonly replacement: readonly TextPart[]
}

/** Reads what starts at a dollar sign with something behind it. */
function readReference(text: string, lookup: VariableLookup): Reference {
  if (text[1] === "$") {
    return { taken: 2, replacement: ["$"] }
  }
  const close = text[1] === "(" ? text.indexOf(")") : -1
  if (close < 0) {
    const stays = text[1] === "(" ? text.slice(0, 2) : text.slice(0, 1)
    return { taken: stays.length, replacement: [stays] }
  }
  const whole = text.slice(0, close + 1)
  return { taken: whole.length, replacement: lookup(text.slice(2, close)) ?? [whole] }
}
