/** Structured log lines on standard error. Only the fields named here ever come out, so a secret has no way in. */

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
export type Log = { readonly [Level in LogLevel]: (event: string, fields?: Fields) => void }

/** Creates the log: one JSON object a line, down to this level. */
export function createLog(level: LogLevel): Log {
  const lowest = LOG_LEVELS.indexOf(level)
  const writer = (name: LogLevel) => (event: string, fields?: Fields) => {
    if (LOG_LEVELS.indexOf(name) > lowest) return
    const line = { level: name, time: new Date().toISOString(), ...allowed(fields), msg: event }
    process.stderr.write(`${JSON.stringify(line)}\n`)
  }
  return { error: writer("error"), warn: writer("warn"), info: writer("info"), debug: writer("debug") }
}

function allowed(fields: Fields = {}): Fields {
  return Object.fromEntries(fieldNames.map((name) => [name, bounded(fields[name])]))
}

function bounded(value: string | number | undefined): string | number | undefined {
  return typeof value === "string" ? value.slice(0, MAX_TEXT_LENGTH) : value
}
