import { expect, test } from "@jest/globals"
import { backOffMs } from "../src/back-off.ts"

test.each([
  [1, 500],
  [2, 1000],
  [5, 8000],
  [6, 10_000],
  [5000, 10_000],
])("waits half to all of the time after attempt %d: %d ms", (attempt, fullMs) => {
  expect(backOffMs(attempt, 0)).toBe(fullMs / 2)
  expect(backOffMs(attempt, 1)).toBe(fullMs)
})
