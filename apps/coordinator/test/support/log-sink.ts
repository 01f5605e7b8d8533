import { createLog, type Log, type LogLevel } from "../../src/log.ts"

/** A log whose lines a test can read. */
export interface LogSink {
  readonly log: Log
  readonly text: () => string
  readonly lines: () => readonly Readonly<Record<string, unknown>>[]
}

export function createLogSink(level: LogLevel = "debug"): LogSink {
  let text = ""
  const log = createLog(level, {
    write: (line) => {
      text += line
    },
  })
  const parse = (line: string) => JSON.parse(line) as Readonly<Record<string, unknown>> // every line is an object
  return { log, text: () => text, lines: () => text.trimEnd().split("\n").filter(Boolean).map(parse) }
}
