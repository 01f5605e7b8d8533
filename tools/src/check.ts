/**
 * The whole truth about this work tree: build, formatting, lint and types count one each, then every test.
 * With CONTRAST_REQUIRE=all a skipped test fails, save the long modes that SLOW=1 turns on. SLOW=1 also gives the decoders
 * more cases than the few hundred of everyday, unless FUZZ_RUNS says how many.
 */
import { mkdir, readFile, rm } from "node:fs/promises"
import path from "node:path"
import { execa } from "execa"
import { isLongMode, readJestReport, type Skipped, type TestCounts } from "./check/jest-report.ts"
import { runStep, type Step, type StepResult } from "./check/step.ts"

const root = path.resolve(import.meta.dirname, "../..")
const LONG_FUZZ_RUNS = "5000"
const fuzzRuns = process.env["FUZZ_RUNS"] ?? (process.env["SLOW"] === "1" ? LONG_FUZZ_RUNS : undefined)
const requireAll = process.env["CONTRAST_REQUIRE"] === "all"

const build: Step = { name: "build", command: ["turbo", "run", "build", "--output-logs=errors-only"] }
const readers: readonly Step[] = [
  { name: "lint", command: ["eslint", ".", "--max-warnings=0"] },
  { name: "types", command: ["tsc", "-b"] },
  { name: "formatting", command: ["prettier", "--check", "--log-level=warn", "."] },
]

const built = await report(build)
const read = await Promise.all(readers.map(report))
const tests = await runJest()
const missing = requireAll ? tests.skipped.filter((test) => !isLongMode(test)) : []
const left = tests.skipped.filter((test) => !missing.includes(test))
print("skipped", left)
print("missing, and everything is required here", missing)

const passed = [built, ...read].filter((step) => step.passed).length
const failed = read.length + 1 - passed + tests.failed + missing.length
console.log(`\n${passed + tests.passed} passed, ${failed} failed, ${left.length} skipped`)
process.exitCode = failed === 0 ? 0 : 1

async function report(step: Step): Promise<StepResult> {
  const result = await runStep(step, root)
  console.log(`${result.passed ? "ok    " : "FAILED"} ${step.name} (${result.seconds.toFixed(0)} s)`)
  if (!result.passed) console.log(`${result.output}\n`)
  return result
}

async function runJest(): Promise<TestCounts> {
  const folder = path.join(root, ".cache")
  const file = path.join(folder, "jest.json")
  await mkdir(folder, { recursive: true })
  await rm(file, { force: true })
  const jest = ["--experimental-vm-modules", "--disable-warning=ExperimentalWarning", "node_modules/jest/bin/jest.js"]
  const run = await execa("node", [...jest, "--maxWorkers=2", "--json", `--outputFile=${file}`], {
    cwd: root,
    reject: false,
    env: fuzzRuns === undefined ? {} : { FUZZ_RUNS: fuzzRuns },
    stdio: ["ignore", "ignore", "inherit"], // the JSON also goes to standard output; people read standard error
  })
  const text = await readFile(file, "utf8").catch(() => undefined)
  const counts = text === undefined ? { passed: 0, failed: 0, skipped: [] } : readJestReport(text)
  if (!run.failed || counts.failed > 0) return counts
  console.log(`FAILED jest itself: ${run.shortMessage}`)
  return { ...counts, failed: 1 }
}

function print(heading: string, list: readonly Skipped[]): void {
  if (list.length === 0) return
  console.log(`\n${heading}:`)
  for (const test of list) console.log(`  ${path.relative(root, test.file)}: ${test.title}`)
}
