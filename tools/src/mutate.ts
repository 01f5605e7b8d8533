/**
 * Tests the tests of core packages by mutation, file by file, and prints the score of each. Takes hours for a large package:
 *
 *   node tools/src/mutate.ts packages/crypto packages/manifest
 *
 * A file is judged by its own test file; one that has none, by all tests of its folder but the fuzzers. Where the survivors
 * are is in reports/mutation/<package>-<file>.html.
 */
import { glob, readFile } from "node:fs/promises"
import path from "node:path"
import { execa } from "execa"
import { addScores, readMutationReport, type MutationScore } from "./mutate/mutation-report.ts"

const root = path.resolve(import.meta.dirname, "../..")
const FILE_TIMEOUT_MS = 4 * 60 * 60_000

for (const folder of process.argv.slice(2)) {
  const scores: MutationScore[] = []
  for (const file of await sourcesOf(folder)) {
    const score = await mutate(folder, file)
    scores.push(score)
    print(file, score)
  }
  print(folder, scores.reduce(addScores))
}

/** The files of a package with something to mutate, below its `src`. */
async function sourcesOf(folder: string): Promise<readonly string[]> {
  const files = await Array.fromAsync(glob("**/*.ts", { cwd: path.join(root, folder, "src") }))
  return files.filter((file) => !file.endsWith(".d.ts") && file !== "index.ts").toSorted()
}

async function mutate(folder: string, file: string): Promise<MutationScore> {
  const env = {
    MUTATE: `${folder}/src/${file}`,
    MUTATE_TESTS: (await testsOf(folder, file)).join(","),
    // The tests run in a sandbox, from where they would not find them beside the repository.
    CONTRAST_VECTORS: process.env["CONTRAST_VECTORS"] ?? path.resolve(root, "../shared/vectors"),
  }
  const stryker = ["run", "tools/mutation/stryker.config.js", "--reporters", "json,html"]
  const options = {
    cwd: root,
    env,
    preferLocal: true,
    localDir: root,
    timeout: FILE_TIMEOUT_MS,
    reject: false,
  } as const
  const { failed, stdout } = await execa("stryker", stryker, options)
  // Types and tables of text leave nothing to mutate.
  if (failed) throw new Error(`stryker failed on ${file}:\n${stdout}`)
  const name = `${folder}/${file}`.slice("packages/".length).replace(".ts", "").replaceAll("/", "-")
  return readMutationReport(await readFile(path.join(root, "reports/mutation", `${name}.json`), "utf8"))
}

/** Names of test files below the package's `test`, without their ending. */
async function testsOf(folder: string, file: string): Promise<readonly string[]> {
  const found = await Array.fromAsync(glob("**/*.test.ts", { cwd: path.join(root, folder, "test") }))
  const tests = found.map((test) => test.slice(0, -".test.ts".length))
  const own = file.slice(0, -".ts".length)
  if (tests.includes(own)) return [own]
  return tests.filter((test) => path.dirname(test) === path.dirname(file) && path.basename(test) !== "fuzz")
}

function print(name: string, { killed, survived, uncovered }: MutationScore): void {
  const total = killed + survived + uncovered
  const score = total === 0 ? "nothing to mutate" : `${((100 * killed) / total).toFixed(1)} %`
  console.log(
    `${name.padEnd(48)} ${score.padStart(18)}  ${killed} killed, ${survived} survived, ${uncovered} uncovered`,
  )
}
