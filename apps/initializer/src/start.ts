import type { PlatformSearch } from "@contrast/tsm"
import { type Command, type CryptsetupCommand, parseCommand } from "./command.ts"
import { parseFormatRule, parseLogLevel } from "./config.ts"
import { exitCodeOf, findCode, reasonOf } from "./error.ts"
import { readWorkloadSecretText } from "./files.ts"
import { removeDefaultDeny } from "./firewall.ts"
import { HELP } from "./help.ts"
import { createLog } from "./log.ts"
import { holdVolume } from "./sidecar.ts"
import { VERSION } from "./version.ts"

/**
 * Composition root: runs the program with this process's arguments, environment and signals, and sets its exit code. Each
 * command loads only what it needs.
 *
 * @param kernel - What attests this guest. The shipped program takes the default, the kernel of its machine.
 */
export async function start(kernel?: PlatformSearch): Promise<void> {
  const stopping = new AbortController()
  for (const signal of ["SIGTERM", "SIGINT"]) {
    process.once(signal, () => {
      stopping.abort()
    })
  }
  // Whoever reads the log may go away; the volume stays mounted all the same.
  process.stderr.on("error", () => undefined)
  try {
    await run(parseCommand(process.argv.slice(2)), { stop: stopping.signal, kernel })
  } catch (error) {
    process.exitCode = exitCodeOf(error)
    createLog("error").error("failed", { code: findCode(error), reason: reasonOf(error) })
  }
}

interface Surroundings {
  readonly stop: AbortSignal
  readonly kernel: PlatformSearch | undefined
}

async function run(command: Command, { stop, kernel }: Surroundings): Promise<void> {
  switch (command.kind) {
    case "help":
      process.stdout.write(HELP)
      return
    case "version":
      process.stdout.write(`${VERSION}\n`)
      return
    case "initialize": {
      // Attestation and gRPC take longer to load than all of a volume's own work.
      const { initialize } = await import("./initialize.ts")
      return initialize(command, stop, kernel)
    }
    case "cryptsetup":
      return cryptsetup(command, stop)
    case "open-ports":
      openPorts()
  }
}

function openPorts(): void {
  const log = createLog(parseLogLevel(process.env))
  log.info("default-deny rule removed", { rules: removeDefaultDeny() })
}

async function cryptsetup({ rootDir, devicePath, mountPoint }: CryptsetupCommand, stop: AbortSignal): Promise<void> {
  const log = createLog(parseLogLevel(process.env))
  const format = parseFormatRule(process.env)
  const key = await readWorkloadSecretText(rootDir)
  await holdVolume({ device: devicePath, mountPoint, key, format, log }, rootDir, stop)
}
