/** The composition root: command line, environment, signals and exit code. Each command loads only what it needs. */
import { type Command, type CryptsetupCommand, parseCommand } from "./command.ts"
import { parseFormatRule, parseLogLevel } from "./config.ts"
import { exitCodeOf, findCode, reasonOf } from "./error.ts"
import { readWorkloadSecretText } from "./files.ts"
import { createLog } from "./log.ts"
import { holdVolume } from "./sidecar.ts"
import { VERSION } from "./version.ts"

const stopping = new AbortController()
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, () => {
    stopping.abort()
  })
}
// Whoever reads the log may go away; the volume stays mounted all the same.
process.stderr.on("error", () => undefined)

try {
  await run(parseCommand(process.argv.slice(2)))
} catch (error) {
  process.exitCode = exitCodeOf(error)
  createLog("error").error("failed", { code: findCode(error), reason: reasonOf(error) })
}

async function run(command: Command): Promise<void> {
  switch (command.kind) {
    case "help": {
      const { HELP } = await import("./help.ts")
      process.stdout.write(HELP)
      return
    }
    case "version":
      process.stdout.write(`${VERSION}\n`)
      return
    case "initialize": {
      // Attestation and gRPC take longer to load than all of a volume's own work.
      const { initialize } = await import("./initialize.ts")
      return initialize(command, stopping.signal)
    }
    case "cryptsetup":
      return cryptsetup(command)
  }
}

async function cryptsetup({ rootDir, devicePath, mountPoint }: CryptsetupCommand): Promise<void> {
  const log = createLog(parseLogLevel(process.env))
  const format = parseFormatRule(process.env)
  const key = await readWorkloadSecretText(rootDir)
  await holdVolume({ device: devicePath, mountPoint, key, format, log }, rootDir, stopping.signal)
}
