import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { Caller, type Ports } from "./caller.ts"
import { COORDINATOR } from "./deployment.ts"

/** The built program. */
export const PROGRAM: string = join(import.meta.dirname, "../../dist/main.js")

const LISTENERS = ["user", "mesh", "transit", "probe"] as const
const ANY_PORTS = LISTENERS.flatMap((listener) => [`--${listener}-listen`, "127.0.0.1:0"])
const INSECURE = { CONTRAST_ALLOW_INSECURE: "1" }

export interface ProcessOptions {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** A program with its arguments that runs ours. */
  readonly wrapper?: readonly string[]
}

export type LogLine = Readonly<Record<string, unknown>>

/** The built Coordinator as a process of its own. */
export class CoordinatorProcess {
  readonly #child: ChildProcess
  #output = ""
  #hasEnded = false
  /** How it ended: exit code or signal. */
  readonly ended: Promise<number | NodeJS.Signals>

  constructor({ args = [], env = INSECURE, wrapper = [] }: ProcessOptions) {
    const [command = process.execPath, ...rest] = [...wrapper, process.execPath, PROGRAM, ...args]
    this.#child = spawn(command, rest, {
      env: { PATH: process.env["PATH"], ...env },
      stdio: ["ignore", "pipe", "pipe"],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (this.#output += text))
    }
    this.ended = new Promise((resolve) => {
      this.#child.once("close", (code, signal) => {
        this.#hasEnded = true
        resolve(code ?? signal ?? "SIGKILL")
      })
    })
  }

  /** One that serves on ports of the system's choice. */
  static async serve(directory: string, options: ProcessOptions = {}): Promise<ServingProcess> {
    const args = [
      "--data-dir",
      directory,
      "--insecure-host-data",
      COORDINATOR.hash,
      ...ANY_PORTS,
      ...(options.args ?? []),
    ]
    const started = new CoordinatorProcess({ ...options, args })
    const portOf = async (listener: string): Promise<number> =>
      Number((await started.waitFor((line) => line["listener"] === listener))["port"])
    const [user = 0, mesh = 0, transit = 0, probe = 0] = await Promise.all(LISTENERS.map(portOf))
    const ports: Ports & { readonly transit: number } = { user, mesh, transit, probe }
    return { process: started, caller: new Caller(ports) }
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get output(): string {
    return this.#output
  }

  get log(): readonly LogLine[] {
    const lines = this.#output.split("\n").filter((line) => line.startsWith("{") && line.endsWith("}"))
    return lines.map((line) => JSON.parse(line) as LogLine) // a line that starts with a brace is one of the log
  }

  kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    this.#child.kill(signal)
    return this.ended
  }

  /** Waits for a line of the log; fails if the process ends without it. */
  async waitFor(isWanted: (line: LogLine) => boolean): Promise<LogLine> {
    for (;;) {
      const line = this.log.find(isWanted)
      if (line !== undefined) return line
      if (this.#hasEnded) throw new Error(`the Coordinator has ended:\n${this.#output}`)
      await Promise.race([once(this.#child.stderr ?? this.#child, "data"), this.ended])
    }
  }
}

export interface ServingProcess {
  readonly process: CoordinatorProcess
  readonly caller: Caller
}
