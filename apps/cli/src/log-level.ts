import { CliError } from "./error.ts"

/** How much the program says on standard error, from the least to the most. */
export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/**
 * Reads a level: a name, or a number as Go's `slog` counts them (-4 debug, 0 info, 4 warn, 8 error).
 *
 * @throws {@link CliError} `USAGE`.
 */
export function parseLogLevel(text: string): LogLevel {
  const named = LOG_LEVELS.find((level) => level === text.toLowerCase())
  if (named !== undefined) return named
  if (!/^-?\d{1,3}$/.test(text)) {
    throw new CliError("USAGE", `expected ${LOG_LEVELS.join(", ")} or a number as --log-level, got "${text}"`)
  }
  const number = Number(text)
  return number <= -4 ? "debug" : number <= 0 ? "info" : number <= 4 ? "warn" : "error"
}

/** Whether what belongs to `level` is said when `chosen` was asked for. */
export function isLogged(level: LogLevel, chosen: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(chosen)
}
