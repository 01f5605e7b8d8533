/** Runs the external programs that a volume needs; the one border at which their failures become ours. */
import { execFile, type ExecFileException } from "node:child_process"
import { InitializerError } from "./error.ts"

export interface ProgramCall {
  readonly file: string
  readonly arguments: readonly string[]
  /** Reaches the program by a pipe: secrets belong here, never among the arguments. */
  readonly input?: Uint8Array
  readonly timeoutMs: number
}

export interface ProgramResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

const MAX_OUTPUT_CHARACTERS = 1_000_000
const SHOWN_CHARACTERS = 1000
/** A program that is asked to end at its time limit gets so long to do so. */
const KILL_AFTER_MS = 5000

// Without a udev daemon (there is none in a container) device-mapper makes its nodes in /dev itself.
const environment = { LC_ALL: "C", DM_DISABLE_UDEV: "1" }

/**
 * Runs a program to its end.
 *
 * @throws {@link InitializerError} `PROGRAM_ABSENT`, `PROGRAM_TIMEOUT`, or `PROGRAM_FAILED` when a signal ended it.
 */
export async function runProgram(call: ProgramCall): Promise<ProgramResult> {
  const { error, stdout, stderr } = await execute(call)
  if (error === null) return { exitCode: 0, stdout, stderr }
  if (error.code === "ENOENT") {
    throw new InitializerError("PROGRAM_ABSENT", `the program ${call.file} is not installed`)
  }
  if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") {
    throw new InitializerError(
      "PROGRAM_FAILED",
      `${nameOf(call)} printed more than ${MAX_OUTPUT_CHARACTERS} characters`,
    )
  }
  if (error.killed === true) {
    throw new InitializerError("PROGRAM_TIMEOUT", `${nameOf(call)} did not end within ${call.timeoutMs} ms`)
  }
  if (typeof error.code === "number") return { exitCode: error.code, stdout, stderr }
  throw new InitializerError("PROGRAM_FAILED", `${nameOf(call)} did not end by itself`, { cause: error })
}

interface Execution {
  readonly error: ExecFileException | null
  readonly stdout: string
  readonly stderr: string
}

function execute({ file, arguments: args, input, timeoutMs }: ProgramCall): Promise<Execution> {
  const options = {
    env: { PATH: process.env["PATH"] ?? "", ...environment },
    timeout: timeoutMs,
    maxBuffer: MAX_OUTPUT_CHARACTERS,
  }
  return new Promise((resolve) => {
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      clearTimeout(lastResort)
      resolve({ error, stdout, stderr })
    })
    const lastResort = setTimeout(() => child.kill("SIGKILL"), timeoutMs + KILL_AFTER_MS)
    child.stdin?.on("error", () => undefined) // a program may end without reading; its exit code tells
    child.stdin?.end(input)
  })
}

/**
 * Runs a program that has to succeed.
 *
 * @throws {@link InitializerError} as {@link runProgram}, and `PROGRAM_FAILED` with what the program said.
 */
export async function requireProgram(call: ProgramCall): Promise<ProgramResult> {
  const result = await runProgram(call)
  if (result.exitCode !== 0) throw failureOf(call, result)
  return result
}

/** The error that says how a program failed. */
export function failureOf(call: ProgramCall, { exitCode, stderr }: ProgramResult): InitializerError {
  const said = stderr.trim().slice(-SHOWN_CHARACTERS)
  return new InitializerError("PROGRAM_FAILED", `${nameOf(call)} failed with exit code ${exitCode}: ${said}`)
}

function nameOf(call: ProgramCall): string {
  return `${call.file} ${call.arguments[0] ?? ""}`.trimEnd()
}
