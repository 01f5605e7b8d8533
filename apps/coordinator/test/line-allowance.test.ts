import { expect, test } from "@jest/globals"
import { LineAllowance } from "../src/line-allowance.ts"

let nowMs = 0
const takeMany = (allowance: LineAllowance, kind: string, times: number): readonly (number | undefined)[] =>
  Array.from({ length: times }, () => allowance.take(kind))

test("lets a hundred lines of each kind through, then ten a second, and tells how many it left out", () => {
  const allowance = new LineAllowance(() => nowMs)

  const first = takeMany(allowance, "a", 150)
  const other = takeMany(allowance, "b", 1)
  nowMs += 1000
  const second = takeMany(allowance, "a", 20)

  expect(first.filter((leftOut) => leftOut === 0)).toHaveLength(100)
  expect(first.slice(100)).toEqual(Array(50).fill(undefined))
  expect(other).toEqual([0])
  expect(second).toEqual([50, ...Array<number>(9).fill(0), ...Array<undefined>(10).fill(undefined)])
})

test("saves no more than a hundred lines, however long nothing happens", () => {
  const allowance = new LineAllowance(() => nowMs)
  allowance.take("a")

  nowMs += 3_600_000

  expect(takeMany(allowance, "a", 150).filter((leftOut) => leftOut !== undefined)).toHaveLength(100)
})
