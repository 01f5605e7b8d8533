import { expect, test } from "@jest/globals"
import { INSECURE_HOST_DATA_URL } from "@contrast/atls"
import { TSM_DIRECTORY } from "@contrast/tsm"
import { HELP } from "../src/help.ts"

test.each([INSECURE_HOST_DATA_URL, TSM_DIRECTORY])("names %s as the program uses it", (constant) => {
  expect(HELP).toContain(constant)
})

test("fits a terminal", () => {
  expect(HELP.split("\n").filter((line) => line.length > 120)).toStrictEqual([])
})
