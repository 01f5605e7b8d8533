/**
 * Mutation testing of files of one package, from the root of the repository:
 *
 *   MUTATE=packages/crypto/src/pem.ts MUTATE_TESTS=pem stryker run tools/mutation/stryker.config.js
 *
 * MUTATE and MUTATE_TESTS are lists with commas; tests are named below the package's `test`, without their ending. The
 * report is at reports/mutation/<name of the first file>.html. This is no part of the daily check.
 */
import { fileURLToPath } from "node:url"
import jest from "../../jest.config.js"

const files = (process.env["MUTATE"] ?? "").split(",")
const tests = (process.env["MUTATE_TESTS"] ?? "").split(",")
const [folder] = /^[^/]+\/[^/]+/.exec(files[0]) ?? []
const project = jest.projects.find(({ displayName }) => displayName === folder)

if (project === undefined) throw new Error(`MUTATE=${files.join(",")} lies in no project of jest.config.js`)

const name = files[0].slice("packages/".length).replace("/src/", "/").replace(".ts", "").replaceAll("/", "-")

// Properties are run often enough to find a mutant, and not so often that a thousand mutants take a day.
process.env["FUZZ_RUNS"] ??= "20"

export default {
  mutate: files,
  // Only the package goes into the sandbox, and the pages it is compared with: what it stands on is found where pnpm has linked it.
  ignorePatterns: ["**", "!jest.config.js", "!package.json", "!docs/**", `!${folder}/**`, "dist", "node_modules"],
  // By file: from where pnpm has put Stryker, its own search finds no plugins.
  plugins: ["@stryker-mutator/jest-runner", "./error-messages.js"].map((plugin) =>
    fileURLToPath(import.meta.resolve(plugin)),
  ),
  ignorers: ["error-messages"],
  testRunner: "jest",
  testRunnerNodeArgs: ["--experimental-vm-modules", "--disable-warning=ExperimentalWarning"],
  jest: {
    projectType: "custom",
    // Without the empty list, the projects of the root's configuration come back and every package's tests run.
    config: { ...project, projects: [], testMatch: tests.map((test) => `<rootDir>/test/${test}.test.ts`) },
    enableFindRelatedTests: false,
  },
  coverageAnalysis: "perTest",
  concurrency: Number(process.env["MUTATE_WORKERS"] ?? 2),
  // Modules of finished runs are never freed.
  maxTestRunnerReuse: 200,
  timeoutMS: 20_000,
  dryRunTimeoutMinutes: 30,
  reporters: ["clear-text", "html", "json"],
  clearTextReporter: { allowColor: false, reportTests: false },
  htmlReporter: { fileName: `reports/mutation/${name}.html` },
  jsonReporter: { fileName: `reports/mutation/${name}.json` },
  tempDirName: `.stryker-tmp/${name}`,
}
