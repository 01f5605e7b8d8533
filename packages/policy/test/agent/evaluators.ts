import { existsSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { spawn } from "node:child_process"
import type { Json } from "./json.ts"

/** A request on a state of the agent. */
export interface Case {
  readonly kind: string
  readonly request: Json
  readonly state: Json
}

/** What a policy says to a request. */
export interface Answer {
  readonly allowed: boolean
  readonly ops: readonly Json[]
  /** Numbers of the conditions that do not hold. */
  readonly conditions: readonly string[]
}

/** An engine that evaluates policies. */
export interface Evaluator {
  readonly name: string
  evaluate(policy: string, cases: readonly Case[]): Promise<readonly Answer[]>
}

const TOOLS = join(import.meta.dirname, "../../../../.cache/tools")

/** OPA, if this machine has it. */
export function findOpa(): Evaluator | undefined {
  const program = findProgram("opa", "OPA_BIN")
  return program === undefined ? undefined : opaEvaluator(program)
}

/** The engine of the Kata agent, if its program (`test/regorus`) is built. */
export function findRegorus(): Evaluator | undefined {
  const program = findProgram("regorus-evaluate", "REGORUS_BIN")
  return program === undefined ? undefined : regorusEvaluator(program)
}

/** Path of a program that tests use if it is there. */
export function findProgram(name: string, variable: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter)
  const candidates = [process.env[variable] ?? "", join(TOOLS, name), ...folders.map((folder) => join(folder, name))]
  return candidates.find((path) => path !== "" && existsSync(path))
}

/** The rule with the numbers of the conditions that refuse a request of this kind. */
function refusalRule(kind: string): string {
  const words = kind.replace(/Request$/, "").replace(/([a-z])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])/g, "$&_")
  return `${words.toLowerCase()}_refusals`
}

interface RawAnswer {
  readonly result: readonly Json[]
  readonly refusals: readonly Json[]
  readonly error?: string | null
}

function opaEvaluator(program: string): Evaluator {
  // The values are bound before they become input and data: OPA takes them for undefined otherwise.
  const query = `[answer | some test in input.cases
    request := test.request
    state := test.state
    names := {"result": test.kind, "refusals": test.refusals}
    answer := {key: [r | r := data.agent_policy[name]] | some key, name in names} with input as request with data.pstate as state]`
  return {
    name: "opa",
    evaluate: (policy, cases) =>
      withFile(policy, async (file) => {
        const args = ["eval", "--format", "json", "--stdin-input", "--data", file, query]
        const output = await run(program, args, JSON.stringify({ cases: cases.map(addRule) }))
        // The documented shape of its output.
        const { result } = JSON.parse(output) as { result: [{ expressions: [{ value: readonly RawAnswer[] }] }] }
        return result[0].expressions[0].value.map(readAnswer)
      }),
  }
}

function regorusEvaluator(program: string): Evaluator {
  return {
    name: "regorus",
    evaluate: async (policy, cases) => {
      const output = await run(program, [], JSON.stringify({ policy, cases: cases.map(addRule) }))
      // The form that our own program writes.
      return (JSON.parse(output) as readonly RawAnswer[]).map(readAnswer)
    },
  }
}

function addRule(test: Case): Json {
  return { ...test, refusals: refusalRule(test.kind) }
}

/** As the agent reads it: one boolean, or one object that may be followed by changes of the state. */
function readAnswer({ result, refusals, error }: RawAnswer): Answer {
  const [value] = result
  const conditions = error === undefined || error === null ? refusals.flat().map(String) : ["ERROR"]
  if (result.length !== 1 || value === undefined || conditions[0] === "ERROR") {
    return { allowed: false, ops: [], conditions }
  }
  if (typeof value === "object" && value !== null && "allowed" in value) {
    return { allowed: value["allowed"] === true, ops: Array.isArray(value["ops"]) ? value["ops"] : [], conditions }
  }
  return { allowed: value === true, ops: [], conditions }
}

async function withFile<T>(content: string, use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "policy-"))
  try {
    const file = join(folder, "policy.rego")
    await writeFile(file, content)
    return await use(file)
  } finally {
    await rm(folder, { recursive: true })
  }
}

function run(program: string, args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args)
    const output: string[] = []
    const complaints: string[] = []
    child.stdout.setEncoding("utf8").on("data", (text: string) => output.push(text))
    child.stderr.setEncoding("utf8").on("data", (text: string) => complaints.push(text))
    child.on("error", reject)
    child.on("close", (code) => {
      if (code === 0) {
        resolve(output.join(""))
      } else {
        reject(new Error(`${program} ended with ${code ?? "a signal"}: ${complaints.join("").slice(0, 2000)}`))
      }
    })
    child.stdin.end(input)
  })
}
