import { expect, test } from "@jest/globals"
import { checkExtent, MAX_BATCH_ITEMS } from "../../src/transit/body-extent.ts"
import { parseRequestBody } from "../../src/transit/request.ts"

const LONG = "A".repeat(64 * 1024)
const refused = expect.objectContaining({ code: "REQUEST", message: expect.stringMatching(/than a batch|levels deep/) })
const batchOf = (items: readonly unknown[]): string => JSON.stringify({ batch_input: items })
const fullItem = { plaintext: "", associated_data: "", key_version: 1, type: "aes256-gcm96", reference: "[{,\\" }

test.each<[string, string]>([
  ["one long string", JSON.stringify({ plaintext: LONG })],
  ["a string full of brackets and commas", JSON.stringify({ plaintext: "{[,".repeat(200_000) })],
  ["a string full of quotes and backslashes", JSON.stringify({ plaintext: '\\"{[,'.repeat(200_000) })],
  ["as many items as a batch may have, with all members", batchOf(Array<unknown>(MAX_BATCH_ITEMS).fill(fullItem))],
  ["an item that is wrong in itself", batchOf([{ plaintext: LONG }, { plaintext: [[{}]] }])],
])("takes a body of %s", (_title, body) => {
  expect(parseRequestBody("encrypt", body)).toBeDefined()
})

test.each<[string, string]>([
  ["more objects than items", `{"plaintext":[${"{},".repeat(MAX_BATCH_ITEMS + 20)}{}]}`],
  ["more lists than items", `{"plaintext":[${"[],".repeat(MAX_BATCH_ITEMS + 20)}[]]}`],
  ["more members than items have", `{"plaintext":[${"1,".repeat(6 * MAX_BATCH_ITEMS)}1]}`],
  [
    "objects behind a string that ends in backslashes",
    `{"a":"\\\\\\"\\\\","b":[${"{},".repeat(MAX_BATCH_ITEMS + 20)}{}]}`,
  ],
  ["nine levels", `{"plaintext":"${LONG}","context":${"[".repeat(8)}${"]".repeat(8)}}`],
  ["as many levels as characters", "[".repeat(1_000_000)],
])("refuses a body of %s before it is parsed", (_title, body) => {
  expect(() => parseRequestBody("encrypt", body)).toThrow(refused)
})

test.each<[string, string]>([
  ["ends within a string", `{"plaintext":"${LONG}`],
  ["ends within an escape", `{"plaintext":"${LONG}\\`],
  ["closes more than it opens", "}".repeat(100_000)],
])("leaves to the parser a text that %s", (_title, text) => {
  expect(() => {
    checkExtent(text)
  }).not.toThrow()
  expect(() => parseRequestBody("encrypt", text)).toThrow("the body must be a JSON object")
})
