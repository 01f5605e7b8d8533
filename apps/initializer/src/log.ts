/** Structured log lines on standard error. Only the fields named here ever come out, so a secret has no way in. */
import { destination, pino } from "pino"

const fieldNames = [
  "attempt",
  "code",
  "coordinator",
  "delayMs",
  "device",
  "mapping",
  "mountPoint",
  "reason",
  "rules",
] as const

/** All that a log line may say. */
export type Fields = { readonly [Name in (typeof fieldNames)[number]]?: string | number | undefined }

/** Levels of the log, most severe first. */
export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Longer texts are cut: part of a reason may have come from outside. */
const MAX_TEXT_LENGTH = 2048

/** What the program tells about its work. */
export interface Log {
  debug(event: string, fields?: Fields): void
  info(event: string, fields?: Fields): void
  warn(event: string, fields?: Fields): void
  error(event: string, fields?: Fields): void
}

/** Creates the log: one JSON object a line. */
export function createLog(level: LogLevel): Log {
  const base = {
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  }
  const logger = pino({ ...base, base: null, level }, destination({ fd: 2, sync: true }))
  return {
    debug: (event, fields) => {
      logger.debug(allowed(fields), event)
    },
    info: (event, fields) => {
      logger.info(allowed(fields), event)
    },
    warn: (event, fields) => {
      logger.warn(allowed(fields), event)
    },
    error: (event, fields) => {
      logger.error(allowed(fields), event)
    },
  }
}

function allowed(fields: Fields = {}): Fields {
  return Object.fromEntries(fieldNames.map((name) => [name, bounded(fields[name])]))
}

function bounded(value: string | number | undefined): string | number | undefined {
  return typeof value === "string" ? value.slice(0, MAX_TEXT_LENGTH) : value
}
