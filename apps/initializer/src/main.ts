/** The composition root: command line, environment, signals and exit code. */
import path from "node:path"
import { logVerbosity, setLogVerbosity } from "@grpc/grpc-js"
import { CommanderError } from "commander"
import { createCommandLine, type CryptsetupFlags, exitCodeOf, type RootFlags } from "./command-line.ts"
import { parseConfig, parseFormatRule, parseLogLevel } from "./config.ts"
import { enroll } from "./enroll.ts"
import { findCode, InitializerError, reasonOf } from "./error.ts"
import {
  credentialFiles,
  readWorkloadSecretText,
  removeDone,
  workloadSecretText,
  writeDone,
  writeFiles,
} from "./files.ts"
import { removeDefaultDeny } from "./firewall.ts"
import { createIssuer } from "./issuer.ts"
import { createLog } from "./log.ts"
import { holdVolume } from "./sidecar.ts"
import { VERSION } from "./version.ts"

const STATE_FOLDER = "state"

// gRPC would write lines of its own making to standard error.
setLogVerbosity(logVerbosity.NONE)

const stopping = new AbortController()
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, () => {
    stopping.abort()
  })
}

async function initialize({ rootDir, insecureHostData }: RootFlags): Promise<void> {
  const log = createLog(parseLogLevel(process.env))
  const { coordinator, device, removeDefaultDeny: isMeshless } = parseConfig(process.env)
  const format = parseFormatRule(process.env)
  const stop = stopping.signal
  await removeDone(rootDir)

  const issuer = () => createIssuer(insecureHostData)
  const credentials = await enroll({ coordinator, issuer, stop, log })
  await writeFiles(rootDir, credentialFiles(credentials))
  log.info("certificates and keys written", { coordinator })

  if (isMeshless) log.info("default-deny rule removed", { rules: await removeDefaultDeny() })
  if (device === undefined) return writeDone(rootDir)
  const key = volumeKey(credentials.workloadSecret)
  await holdVolume({ device, mountPoint: path.join(rootDir, STATE_FOLDER), key, format, log }, rootDir, stop)
}

async function cryptsetup({ rootDir, devicePath, mountPoint }: CryptsetupFlags): Promise<void> {
  const log = createLog(parseLogLevel(process.env))
  const format = parseFormatRule(process.env)
  const key = await readWorkloadSecretText(rootDir)
  await holdVolume({ device: devicePath, mountPoint, key, format, log }, rootDir, stopping.signal)
}

function volumeKey(workloadSecret: Uint8Array): Uint8Array {
  if (workloadSecret.length > 0) return workloadSecretText(workloadSecret)
  throw new InitializerError(
    "VOLUME_SECRET",
    "the manifest gives this workload no secret to key its volume with; set its WorkloadSecretID",
  )
}

try {
  await createCommandLine(VERSION, { initialize, cryptsetup }).parseAsync()
} catch (error) {
  process.exitCode = exitCodeOf(error)
  // The command line has already said what is wrong with its use.
  if (!(error instanceof CommanderError)) {
    createLog("error").error("failed", { code: findCode(error), reason: reasonOf(error) })
  }
}
