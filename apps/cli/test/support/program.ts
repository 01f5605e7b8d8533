import { type ChildProcess, spawn } from "node:child_process"
import { text } from "node:stream/consumers"
import path from "node:path"

/** The built program, for tests that start it in a way of their own. */
export const PROGRAM: string = path.resolve(import.meta.dirname, "../../bin/contrast.js")

/** How the built program ended. */
export interface Finished {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What a run may have besides its arguments. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Told of the process at once, for tests that end it. */
  readonly started?: (child: ChildProcess) => void
}

/** Runs the built program in a folder, with nothing of our own environment but the path. */
export async function runContrast(cwd: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd,
    env: { PATH: process.env["PATH"], HOME: cwd, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  })
  options.started?.(child)
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve))
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exited])
  return { exitCode, stdout, stderr }
}
