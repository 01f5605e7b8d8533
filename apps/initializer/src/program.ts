/** Runs the external programs that a volume needs; the one border at which their failures become ours. */
import { execa } from "execa"
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

// Without a udev daemon (there is none in a container) device-mapper makes its nodes in /dev itself.
const environment = { LC_ALL: "C", DM_DISABLE_UDEV: "1" }

/**
 * Runs a program to its end.
 *
 * @throws {@link InitializerError} `PROGRAM_ABSENT`, `PROGRAM_TIMEOUT`, or `PROGRAM_FAILED` when a signal ended it.
 */
export async function runProgram(call: ProgramCall): Promise<ProgramResult> {
  const result = await execa(call.file, call.arguments, {
    ...(call.input === undefined ? { stdin: "ignore" } : { input: call.input }),
    env: { PATH: process.env["PATH"] ?? "", ...environment },
    extendEnv: false,
    reject: false,
    timeout: call.timeoutMs,
    forceKillAfterDelay: 5000,
    maxBuffer: MAX_OUTPUT_CHARACTERS,
  })
  if (result.code === "ENOENT") {
    throw new InitializerError("PROGRAM_ABSENT", `the program ${call.file} is not installed`)
  }
  if (result.timedOut) {
    throw new InitializerError("PROGRAM_TIMEOUT", `${nameOf(call)} did not end within ${call.timeoutMs} ms`)
  }
  if (result.exitCode === undefined) {
    throw new InitializerError("PROGRAM_FAILED", `${nameOf(call)} was ended by ${result.signal ?? "an unknown cause"}`)
  }
  return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr }
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
