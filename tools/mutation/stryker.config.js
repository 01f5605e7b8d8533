/**
 * Mutation testing of one core package, or of one file of it, from the root of the repository:
 *
 *   MUTATE=packages/manifest stryker run tools/mutation/stryker.config.js
 *   MUTATE=packages/crypto/src/pem.ts stryker run tools/mutation/stryker.config.js
 *
 * Every mutant runs all test files of the package, which takes hours for a large one. A file runs its own test file only,
 * or those that MUTATE_TESTS names (`x509/der,pem`), which takes minutes and asks more of them. The report is at
 * reports/mutation/<name>.html. This is no part of the daily check.
 */
import { fileURLToPath } from "node:url"
import jest from "../../jest.config.js"

const target = process.env["MUTATE"] ?? "packages/manifest"
const [folder] = /^[^/]+\/[^/]+/.exec(target) ?? [target]
const isFile = target.endsWith(".ts")
const project = jest.projects.find(({ displayName }) => displayName === folder)

if (project === undefined) throw new Error(`MUTATE=${target} lies in no project of jest.config.js`)

const name = target.slice("packages/".length).replace("/src/", "/").replace(".ts", "").replaceAll("/", "-")
const ownTest = isFile ? target.slice(`${folder}/src/`.length, -".ts".length) : "**/*"
const tests = (process.env["MUTATE_TESTS"] ?? ownTest).split(",")

// Properties are run often enough to find a mutant, and not so often that a thousand mutants take a day.
process.env["FUZZ_RUNS"] ??= "20"

export default {
  mutate: isFile ? [target] : [`${folder}/src/**/*.ts`, `!${folder}/src/**/*.d.ts`, `!${folder}/src/index.ts`],
  // Only the package goes into the sandbox: what it stands on is found where pnpm has linked it.
  ignorePatterns: ["**", "!jest.config.js", "!package.json", `!${folder}/**`, "dist", "node_modules"],
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
  timeoutMS: 20_000,
  dryRunTimeoutMinutes: 30,
  reporters: ["clear-text", "html", "json"],
  clearTextReporter: { allowColor: false, reportTests: false },
  htmlReporter: { fileName: `reports/mutation/${name}.html` },
  jsonReporter: { fileName: `reports/mutation/${name}.json` },
  tempDirName: `.stryker-tmp/${name}`,
}
