/** Runs commands inside the test machine: one JSON request a line from the port, one JSON answer a line back. */
import { spawn, type ChildProcess } from "node:child_process"
import { createReadStream, createWriteStream, openSync } from "node:fs"
import { createInterface } from "node:readline"

interface Start {
  readonly id: number
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly input: string
}

interface Kill {
  readonly id: number
  readonly kill: NodeJS.Signals
}

// The port can be opened only once.
const port = openSync(process.argv[2] ?? "", "r+")
const answers = createWriteStream("", { fd: port })
const running = new Map<number, ChildProcess>()

for await (const line of createInterface({ input: createReadStream("", { fd: port }) })) {
  const request = JSON.parse(line) as Start | Kill // the test machine trusts its test
  if ("kill" in request) running.get(request.id)?.kill(request.kill)
  else start(request)
}

function start({ id, command, environment, input }: Start): void {
  const [file = "", ...args] = command
  const output = { stdout: "", stderr: "" }
  const child = spawn(file, args, { env: { ...process.env, ...environment } })
  running.set(id, child)
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text))
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text))
  child.on("error", (error) => (output.stderr += error.message))
  child.on("close", (exitCode, signal) => {
    running.delete(id)
    answers.write(`${JSON.stringify({ id, exitCode, signal, ...output })}\n`)
  })
  child.stdin.on("error", () => undefined) // it may end without reading
  child.stdin.end(input)
}
