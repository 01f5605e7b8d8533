import type { TrustRoots } from "./context.ts"
import { Output } from "./output.ts"
import { runProgram } from "./program.ts"
import { systemCode } from "./system-error.ts"

/** As shells have it: 128 and the signal's number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const

/** Composition root: runs the program with this process's arguments, streams and signals, and sets its exit code. */
export async function start(roots: TrustRoots = {}): Promise<void> {
  const interruption = new AbortController()
  const interrupted = (signal: "SIGINT" | "SIGTERM"): void => {
    // A second one, of either kind, ends the process as it would have without us.
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted)
    process.exitCode = EXIT_CODES[signal]
    interruption.abort(EXIT_CODES[signal])
  }
  process.on("SIGINT", interrupted).on("SIGTERM", interrupted)
  // Whoever reads our output may stop in the middle (`contrast … | head`).
  process.stdout.on("error", (error) => {
    if (systemCode(error) !== "EPIPE") throw error
  })
  const exitCode = await runProgram({
    args: process.argv.slice(2),
    output: new Output({ stdout: process.stdout, stderr: process.stderr }),
    signal: interruption.signal,
    env: process.env,
    roots,
  })
  process.exitCode ??= exitCode
}
