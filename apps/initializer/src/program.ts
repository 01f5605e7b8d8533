/** Runs the external programs that a volume needs; the one border at which their failures become ours. */
import { spawnSync } from "node:child_process"
import { findCode, InitializerError } from "./error.ts"

export interface ProgramCall {
  readonly file: string
  readonly arguments: readonly string[]
  /** Reaches the program by a pipe: secrets belong here, never among the arguments. */
  readonly input?: Uint8Array
  readonly timeoutMs: number
  /** What a person can look for when the program fails. */
  readonly advice?: string
}

export interface ProgramResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

const MAX_OUTPUT_BYTES = 1_000_000
const SHOWN_CHARACTERS = 1000

// Without a udev daemon (there is none in a container) device-mapper makes its nodes in /dev itself.
const environment = { LC_ALL: "C", DM_DISABLE_UDEV: "1" }

/**
 * Runs a program and waits for its end. Nothing else goes on meanwhile: each step needs the one before it.
 *
 * @throws {@link InitializerError} `PROGRAM_ABSENT`, `PROGRAM_TIMEOUT`, or `PROGRAM_FAILED` when a signal ended it.
 */
export function runProgram(call: ProgramCall): ProgramResult {
  const { error, status, signal, stdout, stderr } = spawnSync(call.file, call.arguments, {
    input: call.input ?? "",
    env: { PATH: process.env["PATH"] ?? "", ...environment },
    timeout: call.timeoutMs,
    // What it leaves behind is released like that of a start which was killed itself (leftovers.ts).
    killSignal: "SIGKILL",
    maxBuffer: MAX_OUTPUT_BYTES,
    encoding: "utf8",
  })
  const code = findCode(error)
  if (code === "ENOENT") throw new InitializerError("PROGRAM_ABSENT", `the program ${call.file} is not installed`)
  if (code === "ETIMEDOUT") {
    throw new InitializerError("PROGRAM_TIMEOUT", `${nameOf(call)} did not end within ${call.timeoutMs} ms`)
  }
  if (status === null) {
    throw new InitializerError("PROGRAM_FAILED", `${nameOf(call)} was ended by ${signal ?? "an unknown cause"}`, {
      cause: error,
    })
  }
  return { exitCode: status, stdout, stderr }
}

/**
 * Runs a program that has to succeed.
 *
 * @throws {@link InitializerError} as {@link runProgram}, and `PROGRAM_FAILED` with what the program said.
 */
export function requireProgram(call: ProgramCall): ProgramResult {
  const result = runProgram(call)
  if (result.exitCode !== 0) throw failureOf(call, result)
  return result
}

/** The error that says how a program failed. */
export function failureOf(call: ProgramCall, { exitCode, stderr }: ProgramResult): InitializerError {
  const said = stderr.trim().slice(-SHOWN_CHARACTERS)
  const advice = call.advice === undefined ? "" : `; ${call.advice}`
  return new InitializerError("PROGRAM_FAILED", `${nameOf(call)} failed with exit code ${exitCode}: ${said}${advice}`)
}

function nameOf(call: ProgramCall): string {
  return `${call.file} ${call.arguments[0] ?? ""}`.trimEnd()
}
