import { HandshakeError } from "@contrast/atls"
import { errorCodeOf, EXIT } from "@contrast/protocol"
import { CommanderError } from "commander"
import { CoordinatorError } from "./error.ts"
import type { LogFields } from "./log.ts"
import { systemCode } from "./system-error.ts"

/**
 * What may be logged of an error. The messages of our own hold no secrets; of any other, whose text nobody has thought
 * about, only its kind and where it comes from.
 */
export function describeFailure(error: unknown): LogFields {
  if (error instanceof CoordinatorError || error instanceof HandshakeError)
    return { code: error.code, reason: error.message }
  const code = errorCodeOf(error)
  const { name, message, stack } = membersOf(error)
  if (code !== "INTERNAL") return { code, reason: textOf(message) }
  return { code: systemCode(error) ?? code, reason: textOf(name), stack: framesOf(textOf(stack)) }
}

/** How the program ends on an error. */
export function exitCodeOfFailure(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  if (!(error instanceof CoordinatorError)) return EXIT.refused
  if (error.code === "CONFIG") return EXIT.usage
  return error.code === "DIRECTORY_IN_USE" ? EXIT.conflict : EXIT.refused
}

/** The lines of a stack without the message that stands above them. */
function framesOf(stack = ""): string {
  const isFrame = (line: string): boolean => line.trimStart().startsWith("at ")
  return stack.split("\n").filter(isFrame).join("\n")
}

function membersOf(error: unknown): Readonly<Record<string, unknown>> {
  if (typeof error !== "object" || error === null) return {}
  const { name, message, stack } = error as Readonly<Record<string, unknown>> // any object may be looked at
  return { name, message, stack }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined
}
