/** Structured log lines. Only the fields named here ever come out, so a secret has no way in. */
import { pino, type DestinationStream } from "pino"

const FIELD_NAMES = [
  "address",
  "code",
  "consent",
  "durationMs",
  "event",
  "generation",
  "leftOut",
  "listener",
  "method",
  "ownerKeyDigest",
  "peer",
  "policyHash",
  "port",
  "reason",
  "signal",
  "stack",
  "status",
  "transitionHash",
  "version",
  "workloadSecretId",
] as const

const LISTED: ReadonlySet<string> = new Set(FIELD_NAMES)

/** All that a log line may say. Owners and policies are named by their hashes. */
export type LogFields = { readonly [Name in (typeof FIELD_NAMES)[number]]?: string | number | undefined }

/** Levels of the log, most severe first. */
export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Longer texts are cut: part of a reason may have come from outside. */
const MAX_TEXT_LENGTH = 2048

/** The Coordinator's log: one JSON object a line. */
export interface Log {
  error(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
  /** Written at every level: who changed what, and who was given a secret. */
  audit(message: string, fields: LogFields & { readonly event: AuditEvent }): void
}

/** What the audit log tells of. */
export type AuditEvent =
  "manifest-set" | "recovered" | "history-overtaken" | "workload-secret-released" | "seed-released"

/**
 * Creates the log.
 *
 * @param destination - Takes each line at once: one that is still on its way when the process stops would be lost.
 */
export function createLog(level: LogLevel, destination: DestinationStream): Log {
  const formatters = { level: (label: string) => ({ level: label }) }
  const logger = pino({ base: null, formatters, timestamp: pino.stdTimeFunctions.isoTime, level }, destination)
  const auditor = logger.child({ audit: true }, { level: "info" })
  return {
    error: (message, fields) => {
      logger.error(allowed(fields), message)
    },
    warn: (message, fields) => {
      logger.warn(allowed(fields), message)
    },
    info: (message, fields) => {
      logger.info(allowed(fields), message)
    },
    debug: (message, fields) => {
      logger.debug(allowed(fields), message)
    },
    audit: (message, fields) => {
      auditor.info(allowed(fields), message)
    },
  }
}

function allowed(fields: LogFields = {}): LogFields {
  const kept: Record<string, string | number> = {}
  for (const [name, value] of Object.entries<unknown>(fields)) {
    if (!LISTED.has(name)) continue
    // Types do not bind at run time: what is neither text nor number is left out, as an object could hold anything.
    if (typeof value === "string") kept[name] = value.slice(0, MAX_TEXT_LENGTH)
    if (typeof value === "number") kept[name] = value
  }
  return kept
}
