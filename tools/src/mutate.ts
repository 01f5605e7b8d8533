/**
 * Tests the tests of core packages by mutation, and prints the score of each file. Takes an hour for a large package:
 *
 *   node tools/src/mutate.ts packages/crypto packages/manifest
 *
 * A file is judged by its own test file; those that have none, together, by all tests of their folder and of the package's
 * root. Where the survivors are is in reports/mutation/<package>-<file>.html.
 */
import { glob, readFile, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { execa } from "execa"
import { addScores, readMutationReport, type MutationScore } from "./mutate/mutation-report.ts"

/** Sources that one run changes, and the tests that it judges them by; named below `src` and `test`, without ending. */
interface Run {
  readonly sources: readonly string[]
  readonly tests: readonly string[]
}

const root = path.resolve(import.meta.dirname, "../..")
const RUN_TIMEOUT_MS = 4 * 60 * 60_000
const TOGETHER = "mutation"
/** They take long, and show what the tables of bad input have shown already. */
const REPETITIVE = /(^|\/)(fuzz|hostile|real-[a-z]+)$/

for (const folder of process.argv.slice(2)) {
  const scores: MutationScore[] = []
  for (const run of await runsOf(folder)) {
    for (const [file, score] of await mutate(folder, run)) {
      scores.push(score)
      print(file, score)
    }
  }
  print(folder, scores.reduce(addScores))
}

async function runsOf(folder: string): Promise<readonly Run[]> {
  const sources = (await named(folder, "src", ".ts")).filter((name) => !name.endsWith(".d") && name !== "index")
  const tests = await named(folder, "test", ".test.ts")
  const alone = sources.filter((name) => tests.includes(name)).map((name) => ({ sources: [name], tests: [name] }))
  const others = Map.groupBy(
    sources.filter((name) => !tests.includes(name)),
    (name) => path.dirname(name),
  )
  const together = [...others].map(([place, names]) => ({
    sources: names,
    tests: tests.filter((test) => [place, "."].includes(path.dirname(test)) && !REPETITIVE.test(test)),
  }))
  return [...alone, ...together]
}

/** Files of one kind in a part of the package, without that ending. */
async function named(folder: string, part: string, ending: string): Promise<readonly string[]> {
  const files = await Array.fromAsync(glob(`**/*${ending}`, { cwd: path.join(root, folder, part) }))
  return files.map((file) => file.slice(0, -ending.length)).toSorted()
}

async function mutate(folder: string, { sources, tests }: Run): Promise<ReadonlyMap<string, MutationScore>> {
  // One file, which loads what is tested once for them all: most of the time goes there.
  const together = path.join(root, folder, "test", `${TOGETHER}.test.ts`)
  await writeFile(together, tests.map((test) => `import "./${test}.test.ts"\n`).join(""))
  try {
    return await runStryker(folder, sources)
  } finally {
    await rm(together)
  }
}

async function runStryker(folder: string, sources: readonly string[]): Promise<ReadonlyMap<string, MutationScore>> {
  const env = {
    MUTATE: sources.map((name) => `${folder}/src/${name}.ts`).join(","),
    MUTATE_TESTS: TOGETHER,
    // The tests run in a sandbox, from where they would not find them beside the repository.
    CONTRAST_VECTORS: process.env["CONTRAST_VECTORS"] ?? path.resolve(root, "../shared/vectors"),
  }
  const stryker = ["run", "tools/mutation/stryker.config.js", "--reporters", "json,html"]
  const options = {
    cwd: root,
    env,
    preferLocal: true,
    localDir: root,
    timeout: RUN_TIMEOUT_MS,
    reject: false,
  } as const
  const { failed, stdout } = await execa("stryker", stryker, options)
  if (failed) throw new Error(`stryker failed on ${sources.join(", ")}:\n${stdout}`)
  const report = `${folder}/${sources[0] ?? ""}`.slice("packages/".length).replaceAll("/", "-")
  return readMutationReport(await readFile(path.join(root, "reports/mutation", `${report}.json`), "utf8"))
}

function print(name: string, { killed, survived, uncovered }: MutationScore): void {
  const total = killed + survived + uncovered
  const score = total === 0 ? "nothing to mutate" : `${((100 * killed) / total).toFixed(1)} %`
  console.log(
    `${name.padEnd(48)} ${score.padStart(18)}  ${killed} killed, ${survived} survived, ${uncovered} uncovered`,
  )
}
