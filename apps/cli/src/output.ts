import { styleText } from "node:util"
import { isLogged, type LogLevel } from "./log-level.ts"
import { type Spinner, startSpinner } from "./spinner.ts"

/** How results are printed. */
export type Format = "text" | "json"

/** What a command has done: for programs, and for people. */
export interface Report {
  /** Printed as JSON beside `version` and `command`; the shape is documented in the README. */
  readonly data: Readonly<Record<string, unknown>>
  /** Printed as text; empty for nothing. */
  readonly text: string
  /** Standard output has the content of a file: the report would get into it, and is left out. */
  readonly isLeftOut?: boolean
  /** How the program ends, if the command has done its work and the answer is no. */
  readonly exitCode?: number
}

/** Version of the JSON that commands print. */
const OUTPUT_VERSION = 1

/** All that the program says: data on standard output, everything else on standard error. */
export class Output {
  format: Format = "text"
  level: LogLevel = "warn"
  readonly #stdout: NodeJS.WriteStream
  readonly #stderr: NodeJS.WriteStream
  #spinner: Spinner | undefined

  constructor(streams: { readonly stdout: NodeJS.WriteStream; readonly stderr: NodeJS.WriteStream }) {
    this.#stdout = streams.stdout
    this.#stderr = streams.stderr
  }

  /** Prints what a command has done, once. */
  report(command: string, { data, text, isLeftOut }: Report): void {
    if (isLeftOut) return
    if (this.format === "json") {
      this.printJson({ command, ...data })
    } else if (text !== "") {
      this.printText(text)
    }
  }

  printText(text: string): void {
    this.#stdout.write(`${printable(text)}\n`)
  }

  /** Prints one JSON document with the version of its shape. */
  printJson(document: Readonly<Record<string, unknown>>): void {
    const json = JSON.stringify({ version: OUTPUT_VERSION, ...document }, undefined, 2)
    this.#stdout.write(`${escapeControls(json)}\n`)
  }

  error(message: string): void {
    this.#say("error", message, this.#style("red", "error: "))
  }

  warn(message: string): void {
    this.#say("warn", message, this.#style("yellow", "warning: "))
  }

  /** Something that is as it should be, and worth knowing. */
  note(message: string): void {
    this.#say("warn", message, this.#style("cyan", "note: "))
  }

  /** What to do next. */
  hint(message: string): void {
    this.#say("warn", message, this.#style("cyan", "hint: "))
  }

  info(message: string): void {
    this.#say("info", message)
  }

  debug(message: string): void {
    this.#say("debug", message)
  }

  /** Says what is going on while it does: on a terminal in a moving line, elsewhere in the log. */
  async during<T>(text: string, work: (progress: (text: string) => void) => Promise<T>): Promise<T> {
    this.info(text)
    const visible = this.#stderr.isTTY && isLogged("warn", this.level)
    this.#spinner = visible ? startSpinner(this.#stderr, text) : undefined
    try {
      return await work((next) => {
        this.info(next)
        this.#spinner?.update(next)
      })
    } finally {
      this.#spinner?.stop()
      this.#spinner = undefined
    }
  }

  #say(level: LogLevel, message: string, label = ""): void {
    if (!isLogged(level, this.level)) return
    // The next frame of a running spinner starts on a line of its own.
    this.#stderr.write(`${this.#spinner === undefined ? "" : "\r\u001b[2K"}${label}${printable(message)}\n`)
  }

  #style(color: "red" | "yellow" | "cyan", text: string): string {
    // Looks at NO_COLOR, FORCE_COLOR and whether the stream is a terminal.
    return styleText(color, text, { stream: this.#stderr })
  }
}

/** JSON may have these as they are, and a terminal obeys some of them. */
function escapeControls(json: string): string {
  return json.replace(/[\u007f-\u009f]/g, (control) => `\\u00${control.charCodeAt(0).toString(16)}`)
}

/** Texts of a Coordinator or a file might hold sequences that a terminal obeys. */
function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is replaced
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "\ufffd")
}
