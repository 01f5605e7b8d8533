import { Command, CommanderError } from "commander"
import { declareCommands } from "./command-line.ts"
import type { Context } from "./context.ts"
import { CliError } from "./error.ts"
import { parseLogLevel } from "./log-level.ts"
import type { Format, Output, Report } from "./output.ts"
import { VERSION } from "./version.ts"
import { Workspace } from "./workspace.ts"

/** What the program gets from the system. */
export interface Invocation {
  /** Without the names of Node and the program. */
  readonly args: readonly string[]
  readonly output: Output
  /** Its reason, once it is aborted, is the exit code. */
  readonly signal: AbortSignal
  readonly env: Context["env"]
  readonly roots: Context["roots"]
}

/** Runs one command of its own name. */
export type Run = (name: string, act: (context: Context) => Promise<Report>) => Promise<void>

const HELP_FOOTER = `
Exit codes:
  0 done · 1 refused or failed check · 2 usage · 3 attestation refused · 4 the Coordinator needs recovery
  5 conflict · 6 unreachable · 130 interrupted (Ctrl-C) · 143 terminated

Results go to standard output, everything else to standard error. NO_COLOR is honoured.`

/** Runs the program and returns its exit code; nothing is thrown. */
export async function runProgram(invocation: Invocation): Promise<number> {
  const { output } = invocation
  let command: string | undefined
  let exitCode = 0
  const program = createProgram(invocation, {
    onStart: (name) => {
      command = name
    },
    onEnd: (report) => {
      exitCode = report.exitCode ?? 0
    },
  })
  try {
    await program.parseAsync(invocation.args, { from: "user" })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    command ??= program.commands.map((known) => known.name()).find((name) => invocation.args.includes(name))
    const { describeFailure, printFailure } = await import("./failure.ts")
    const failure = describeFailure(toUsageError(error, command), invocation.signal)
    printFailure(output, command, failure)
    return failure.exitCode
  }
}

interface Progress {
  readonly onStart: (name: string) => void
  readonly onEnd: (report: Report) => void
}

function createProgram({ output, signal, env, roots }: Invocation, { onStart, onEnd }: Progress): Command {
  const program = new Command("contrast")
  let outputPath: string | undefined
  program
    .description("Sets up, verifies and recovers confidential deployments on Kubernetes.")
    .option("-o, --output <format>", 'format of the results, "text" or "json"; generate also takes a path here', "text")
    .option("--log-level <level>", "what is said on standard error: error, warn, info or debug", "warn")
    .option("--workspace-dir <folder>", "folder of the files that no other flag names", "")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .addHelpText("after", HELP_FOOTER)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    .on("option:output", (value: string) => {
      if (isFormat(value)) output.format = value
      else outputPath = value
    })
  declareCommands(program, async (name, act) => {
    onStart(name)
    const { logLevel, workspaceDir } = program.opts<{ logLevel: string; workspaceDir: string }>()
    output.level = parseLogLevel(logLevel)
    if (outputPath !== undefined && name !== "generate") {
      throw new CliError("USAGE", `expected text or json as --output, got "${outputPath}"`)
    }
    const context = { workspace: new Workspace(workspaceDir), output, signal, env, outputPath, roots }
    const report = await act(context)
    output.report(name, report)
    onEnd(report)
  })
  return program
}

function isFormat(value: string): value is Format {
  return value === "text" || value === "json"
}

/** What commander refuses is a mistake on the command line. */
function toUsageError(error: unknown, command: string | undefined): unknown {
  if (!(error instanceof CommanderError)) return error
  const hint = `run contrast ${command === undefined ? "" : `${command} `}--help`
  // Without a command it has printed the help already.
  const message = error.code === "commander.help" ? "expected a command" : error.message.replace(/^error: /, "")
  return new CliError("USAGE", message.replaceAll("\n", " "), { hint })
}
