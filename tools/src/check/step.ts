import { execa } from "execa"

/** One tool of the check that passes or fails as a whole. */
export interface Step {
  readonly name: string
  readonly command: readonly [string, ...string[]]
}

export interface StepResult {
  readonly name: string
  readonly passed: boolean
  readonly seconds: number
  /** What the tool wrote, shown only when it failed. */
  readonly output: string
}

const STEP_TIMEOUT_MS = 15 * 60_000

/** Runs a step in the given folder, keeping its output. */
export async function runStep(step: Step, cwd: string): Promise<StepResult> {
  const [file, ...args] = step.command
  const started = performance.now()
  const result = await execa(file, args, {
    cwd,
    all: true,
    reject: false,
    stdin: "ignore",
    preferLocal: true,
    localDir: cwd,
    timeout: STEP_TIMEOUT_MS,
  })
  const seconds = (performance.now() - started) / 1000
  const output = result.failed ? `${result.all}\n${result.exitCode === undefined ? result.shortMessage : ""}` : ""
  return { name: step.name, passed: !result.failed, seconds, output: output.trimEnd() }
}
