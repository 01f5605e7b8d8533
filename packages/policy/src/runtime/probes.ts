import type { Container } from "../kubernetes/container.ts"
import type { Report } from "../kubernetes/fields.ts"
import type { TextPart } from "../text.ts"
import { expandVariables } from "./expansion.ts"

/**
 * The commands that the host may run in a container: those of exec probes, where kubelet knows variables with a value
 * in the pod spec only, and those of lifecycle hooks, which it does not expand.
 */
export function probeCommands(
  { path, probes, hooks, environment }: Container,
  report: Report,
): readonly (readonly string[])[] {
  const variables = new Map(environment.map(({ name, value }) => [name, value]))
  const lookup = (name: string): readonly TextPart[] | undefined => {
    const value = variables.get(name)
    if (value !== undefined && value.from !== "text") {
      report(path, `a probe's command refers to ${name}, whose value is not known to it`)
    }
    return value?.from === "text" ? [value.text] : undefined
  }
  const expand = (argument: string): string => expandVariables(argument, lookup).map(knownText).join("")
  return [...probes.map((command) => command.map(expand)), ...hooks]
}

function knownText(part: TextPart): string {
  return typeof part === "string" ? part : ""
}
