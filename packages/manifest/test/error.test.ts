import { expect, test } from "@jest/globals"
import { ManifestError } from "../src/index.ts"

const first = { code: "WRONG_TYPE", path: "$.Policies", message: "expected an object", line: 2, column: 5 } as const
const second = { code: "UNKNOWN_KEY", path: "$.Seeds", message: "unknown key" } as const

test("a refusal tells what it is, and everything of its first problem", () => {
  const error = new ManifestError([first])

  expect(String(error)).toBe("ManifestError: $.Policies: expected an object")
  expect(error).toMatchObject({ ...first, message: "$.Policies: expected an object" })
})

test("a refusal for more than one reason counts the others", () => {
  const cause = new Error("below")

  const error = new ManifestError([second, first, first], { cause })

  expect(error.message).toBe("$.Seeds: unknown key (and 2 more)")
  expect(error).toMatchObject({ problems: [second, first, first], cause })
})
