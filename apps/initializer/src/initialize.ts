/** The root command: enrols the workload, writes what it was given, and mounts its volume if it has one. */
import path from "node:path"
import { logVerbosity, setLogVerbosity } from "@grpc/grpc-js"
import type { PlatformSearch } from "@contrast/tsm"
import type { InitializeCommand } from "./command.ts"
import { parseConfig, parseFormatRule, parseLogLevel } from "./config.ts"
import { enroll, type EnrollOptions } from "./enroll.ts"
import { findCode, InitializerError, reasonOf } from "./error.ts"
import {
  type Credentials,
  credentialFiles,
  findRootCa,
  removeDone,
  workloadSecretText,
  writeDone,
  writeFiles,
} from "./files.ts"
import { removeDefaultDeny } from "./firewall.ts"
import { createIssuer } from "./issuer.ts"
import { createLog } from "./log.ts"
import { holdMounted, holdVolume } from "./sidecar.ts"
import { isStillMounted, type VolumePlace } from "./volume.ts"

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
  const earlierRootCa = await findRootCa(rootDir)
  const enrolment: EnrollOptions = { coordinator, earlierRootCa, issuer, stop, log }
  const place = device === undefined ? undefined : { device, mountPoint: path.join(rootDir, STATE_FOLDER), log }
  if (place !== undefined && (await isStillMounted(place))) return resume(place, rootDir, enrolment)
  const { workloadSecret } = await writeCredentials(rootDir, enrolment)

  if (isMeshless) log.info("default-deny rule removed", { rules: removeDefaultDeny() })
  if (place === undefined) return writeDone(rootDir)
  await holdVolume({ ...place, key: volumeKey(workloadSecret), format }, rootDir, stop)
}

/**
 * Takes over the volume that a killed start left mounted. Before it mounted, that start had put everything else in
 * place, so the application waits for nothing; the certificates are renewed when the Coordinator answers.
 */
async function resume(place: VolumePlace, rootDir: string, enrolment: EnrollOptions): Promise<void> {
  const { device, mountPoint, log } = place
  log.info("volume was already mounted by an earlier start", { device, mountPoint })
  const renewal = writeCredentials(rootDir, enrolment).catch((error: unknown) => {
    if (findCode(error) !== "STOPPED")
      log.error("certificates not renewed", { code: findCode(error), reason: reasonOf(error) })
  })
  await holdMounted(place, rootDir, enrolment.stop)
  await renewal
}

async function writeCredentials(rootDir: string, enrolment: EnrollOptions): Promise<Credentials> {
  const credentials = await enroll(enrolment)
  await writeFiles(rootDir, credentialFiles(credentials))
  enrolment.log.info("certificates and keys written", { coordinator: enrolment.coordinator })
  return credentials
}

function volumeKey(workloadSecret: Uint8Array): Uint8Array {
  if (workloadSecret.length > 0) return workloadSecretText(workloadSecret)
  throw new InitializerError(
    "VOLUME_SECRET",
    "the manifest gives this workload no secret to key its volume with; set its WorkloadSecretID",
  )
}
