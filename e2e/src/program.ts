import path from "node:path"
import { execa } from "execa"

/** The built programs, as a person finds them after `npm run build`. */
export type ProgramName = "contrast" | "contrast-coordinator" | "contrast-initializer"

/** The command that starts a program. */
export type ProgramCommand = (program: ProgramName) => readonly [file: string, ...args: string[]]

export interface Invocation {
  readonly program: ProgramName
  readonly args: readonly string[]
  /** The default is {@link builtProgram}. */
  readonly command?: ProgramCommand
  readonly cwd: string
  /** Nothing else of our own environment is passed on but the path to Node. */
  readonly env?: Readonly<Record<string, string>>
  /** A program with its arguments that runs this one in its turn, in surroundings of its making. */
  readonly wrapper?: readonly string[]
}

export interface Finished {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export const repository: string = path.resolve(import.meta.dirname, "../..")
const programs = path.join(repository, "node_modules/.bin")
const RUN_TIMEOUT_MS = 60_000

/** A program as it is shipped. */
export const builtProgram: ProgramCommand = (program) => [path.join(programs, program)]

/** Runs a program to its end; one that does not end by itself fails here. */
export async function runProgram(invocation: Invocation): Promise<Finished> {
  const result = await execa(...commandOf(invocation), { ...optionsOf(invocation), timeout: RUN_TIMEOUT_MS })
  if (result.exitCode === undefined) throw new Error(`${invocation.program} did not end: ${result.shortMessage ?? ""}`)
  return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr }
}

/** Starts a program that runs until it is stopped; it ends with us at the latest. */
export function launchProgram(invocation: Invocation): LaunchedProgram {
  return launch(invocation)
}

export type LaunchedProgram = ReturnType<typeof launch>

function launch(invocation: Invocation) {
  return execa(...commandOf(invocation), { ...optionsOf(invocation), buffer: false, all: true })
}

function commandOf({ wrapper = [], command = builtProgram, program, args }: Invocation): [string, string[]] {
  const [file, ...rest] = [...wrapper, ...command(program), ...args]
  return [file ?? program, rest]
}

function optionsOf({ cwd, env }: Invocation) {
  const own = { PATH: `${programs}:/usr/bin:/bin`, HOME: cwd, ...env }
  return { cwd, extendEnv: false, env: own, stdin: "ignore", reject: false } as const
}
