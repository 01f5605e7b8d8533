/** The root command: enrols the workload, writes what it was given, and mounts its volume if it has one. */
import path from "node:path"
import { logVerbosity, setLogVerbosity } from "@grpc/grpc-js"
import type { PlatformSearch } from "@contrast/tsm"
import type { InitializeCommand } from "./command.ts"
import { parseConfig, parseFormatRule, parseLogLevel } from "./config.ts"
import { enroll } from "./enroll.ts"
import { InitializerError } from "./error.ts"
import { credentialFiles, removeDone, workloadSecretText, writeDone, writeFiles } from "./files.ts"
import { removeDefaultDeny } from "./firewall.ts"
import { createIssuer } from "./issuer.ts"
import { createLog } from "./log.ts"
import { holdVolume } from "./sidecar.ts"

const STATE_FOLDER = "state"

// gRPC would write lines of its own making to standard error.
setLogVerbosity(logVerbosity.NONE)

/** Returns when everything is in place; with a volume, when it was stopped and the volume is taken off again. */
export async function initialize(
  { rootDir, insecureHostData }: InitializeCommand,
  stop: AbortSignal,
  kernel?: PlatformSearch,
): Promise<void> {
  const log = createLog(parseLogLevel(process.env))
  const { coordinator, device, removeDefaultDeny: isMeshless } = parseConfig(process.env)
  const format = parseFormatRule(process.env)
  await removeDone(rootDir)

  const issuer = () => createIssuer(insecureHostData, kernel)
  const credentials = await enroll({ coordinator, issuer, stop, log })
  await writeFiles(rootDir, credentialFiles(credentials))
  log.info("certificates and keys written", { coordinator })

  if (isMeshless) log.info("default-deny rule removed", { rules: removeDefaultDeny() })
  if (device === undefined) return writeDone(rootDir)
  const key = volumeKey(credentials.workloadSecret)
  await holdVolume({ device, mountPoint: path.join(rootDir, STATE_FOLDER), key, format, log }, rootDir, stop)
}

function volumeKey(workloadSecret: Uint8Array): Uint8Array {
  if (workloadSecret.length > 0) return workloadSecretText(workloadSecret)
  throw new InitializerError(
    "VOLUME_SECRET",
    "the manifest gives this workload no secret to key its volume with; set its WorkloadSecretID",
  )
}
