import type { Verdict } from "@contrast/attestation"
import { EXIT, exitCodeOf } from "@contrast/protocol"
import { CliError, type CliErrorCode, type CliProblem } from "./error.ts"
import { findNextStep } from "./next-step.ts"
import type { Output } from "./output.ts"
import { systemCode } from "./system-error.ts"

/** A refusal as it is shown. */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly problems: readonly CliProblem[]
  /** How evidence was judged, where that is what failed. */
  readonly verdicts: readonly Verdict[]
  /** What would be lost if it were not printed. */
  readonly seedShares: string | undefined
  /** What to do next. */
  readonly hint: string | undefined
  readonly exitCode: number
  /** Where it came from, for whoever asks for everything. */
  readonly trace: string
}

/** How the program ends on codes of its own; the others are refusals, or stand in the table of all programs. */
const EXIT_CODES: Readonly<Partial<Record<CliErrorCode, number>>> = {
  USAGE: EXIT.usage,
  PLATFORM: EXIT.usage,
  ANSWER_LOST: EXIT.unreachable,
}

/** What an interruption must not hide: the manifest was set, or may have been. */
const TOLD_ALWAYS: readonly CliErrorCode[] = ["ANSWER_LOST", "SHARES_UNKEPT"]

/** Our packages' errors, whose texts were written to be shown. */
const KNOWN: readonly unknown[] = ["CryptoError", "ManifestError", "PolicyError", "AttestationError", "ProtocolError"]

/**
 * Finds out what to tell of an error, and how to end on it.
 *
 * @param signal - Its reason, if it is aborted, is the exit code of that interruption.
 */
export function describeFailure(error: unknown, signal: AbortSignal): Failure {
  const refusal = toRefusal(error, signal)
  const { code, message, problems, verdicts, seedShares, hint = findNextStep(code) } = refusal
  const exitCode = signal.aborted ? Number(signal.reason) : exitCodeFor(code)
  return { code, message, problems, verdicts, seedShares, hint, exitCode, trace: traceOf(error) }
}

/** Tells of a failure: to people, and to programs that asked for JSON. */
export function printFailure(output: Output, command: string | undefined, failure: Failure): void {
  const { code, message, problems, verdicts, seedShares, hint, exitCode, trace } = failure
  output.error([message, ...problems.map((problem) => `  ${formatProblem(problem)}`)].join("\n"))
  if (hint !== undefined) output.hint(hint)
  output.debug(trace)
  if (output.format === "json") {
    const error = {
      code,
      message,
      exitCode,
      problems,
      ...(hint !== undefined && { hint }),
      ...(verdicts.length > 0 && { verdicts }),
      ...(seedShares !== undefined && { seedShares }),
    }
    output.printJson({ command: command ?? null, error })
  } else if (seedShares !== undefined) {
    output.printText(seedShares)
  }
}

type Refusal = Pick<CliError, "message" | "problems" | "verdicts" | "seedShares" | "hint"> & { readonly code: string }

function toRefusal(error: unknown, signal: AbortSignal): Refusal {
  const isOurs = error instanceof CliError
  if (signal.aborted && !(isOurs && TOLD_ALWAYS.includes(error.code))) return new CliError("INTERRUPTED", "interrupted")
  if (isOurs) return error
  if (error instanceof Error && KNOWN.includes(error.name)) {
    return {
      code: systemCode(error) ?? "INTERNAL",
      message: error.message.trim(),
      problems: [],
      verdicts: [],
      seedShares: undefined,
      hint: undefined,
    }
  }
  const message = `unexpected: ${error instanceof Error ? error.message : typeof error}`
  const hint = "this is a defect of contrast: run again with --log-level debug and report what it says"
  return { code: "INTERNAL", message, problems: [], verdicts: [], seedShares: undefined, hint }
}

function exitCodeFor(code: string): number {
  const own: Readonly<Record<string, number>> = EXIT_CODES
  return own[code] ?? exitCodeOf(code)
}

/** `file:line:column: kind/name: path: message`, without what is not known. */
function formatProblem({ file, line, column, resource, path, message }: CliProblem): string {
  const place = [file, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(":")
  return [place, resource, path, message].filter((part) => part !== undefined && part !== "").join(": ")
}

function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? "" : `\ncaused by ${traceOf(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}
