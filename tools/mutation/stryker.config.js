/**
 * Mutation testing of one core package, from the root of the repository:
 *
 *   MUTATE=packages/manifest stryker run tools/mutation/stryker.config.js
 *
 * The report is at reports/mutation/<package>.html. Minutes to an hour, so it is no part of the daily check.
 */
import { fileURLToPath } from "node:url"
import jest from "../../jest.config.js"

const folder = process.env["MUTATE"] ?? "packages/manifest"
const name = folder.split("/").at(-1)
const project = jest.projects.find(({ displayName }) => displayName === folder)

if (project === undefined) throw new Error(`MUTATE=${folder} names no project of jest.config.js`)

// Properties are run often enough to find a mutant, and not so often that a thousand mutants take a day.
process.env["FUZZ_RUNS"] ??= "20"

export default {
  mutate: [`${folder}/src/**/*.ts`, `!${folder}/src/index.ts`],
  // Nothing but the package, what it stands on, and the configuration goes into the sandbox.
  ignorePatterns: ["**", "!jest.config.js", "!package.json", "!packages/*/{src,test}/**", "!packages/*/package.json"],
  // By file: from where pnpm has put Stryker, its own search finds no plugins.
  plugins: [fileURLToPath(import.meta.resolve("@stryker-mutator/jest-runner"))],
  testRunner: "jest",
  testRunnerNodeArgs: ["--experimental-vm-modules", "--disable-warning=ExperimentalWarning"],
  // Laid over jest.config.js, whose other projects would otherwise run as well.
  jest: { projectType: "custom", config: { ...project, projects: [] }, enableFindRelatedTests: false },
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
