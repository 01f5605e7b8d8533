import { expect, test } from "@jest/globals"
import { addScores, readMutationReport } from "../src/mutate/mutation-report.ts"

const report = (...files: readonly (readonly string[])[]) =>
  JSON.stringify({
    files: Object.fromEntries(
      files.map((statuses, index) => [`${index}.ts`, { mutants: statuses.map((status) => ({ status })) }]),
    ),
  })

test("counts killed, survived and uncovered mutants of each file of a report", () => {
  const scores = readMutationReport(report(["Killed", "Timeout", "Survived"], ["Killed", "NoCoverage", "NoCoverage"]))

  expect([...scores]).toEqual([
    ["0.ts", { killed: 2, survived: 1, uncovered: 0 }],
    ["1.ts", { killed: 1, survived: 0, uncovered: 2 }],
  ])
})

test("leaves out mutants that were ignored or never ran", () => {
  const scores = readMutationReport(report(["Ignored", "CompileError", "RuntimeError", "Pending"]))

  expect([...scores.values()]).toEqual([{ killed: 0, survived: 0, uncovered: 0 }])
})

test("adds up scores", () => {
  const score = addScores({ killed: 1, survived: 2, uncovered: 3 }, { killed: 4, survived: 5, uncovered: 6 })

  expect(score).toEqual({ killed: 5, survived: 7, uncovered: 9 })
})
