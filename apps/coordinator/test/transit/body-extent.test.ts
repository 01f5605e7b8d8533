import { expect, test } from "@jest/globals"
import { MAX_BATCH_ITEMS, MAX_EXTENT_BYTES, measureExtent } from "../../src/transit/body-extent.ts"
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
  expect(measureExtent(body)).toBeLessThanOrEqual(MAX_EXTENT_BYTES)
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
])("refuses a body of %s", (_title, body) => {
  expect(() => measureExtent(body)).toThrow(refused)
})

test.each<[string, string]>([
  ["ends within a string", `{"plaintext":"${LONG}`],
  ["ends within an escape", `{"plaintext":"${LONG}\\`],
  ["closes more than it opens", "}".repeat(100_000)],
])("leaves to the parser a text that %s", (_title, text) => {
  expect(() => {
    measureExtent(text)
  }).not.toThrow()
  expect(() => parseRequestBody("encrypt", text)).toThrow("the body must be a JSON object")
})

test("counts what the parser makes of a full batch whose members all have other names", () => {
  const item = (index: number): string => `{${[0, 1, 2, 3, 4].map((place) => `"${index * 5 + place}":1`).join()}}`
  const body = `{"batch_input":[${Array.from({ length: MAX_BATCH_ITEMS }, (_, index) => item(index)).join()}]}`

  expect(measureExtent(body)).toBeGreaterThan(45_000_000)
})

test("counts what becomes of a short batch of many items: values, results and their text", () => {
  const body = `{"batch_input":[${Array(21_838).fill("{}").join()}]}`

  expect(body.length).toBeLessThan(64 * 1024)
  expect(measureExtent(body)).toBeGreaterThan(4_000_000)
})

test.each([
  ["an encryption", { plaintext: "YQ==", associated_data: "YQ==", key_version: 1, type: "aes256-gcm96" }],
  ["a batch of a hundred items", { batch_input: Array(100).fill({ plaintext: "YQ==" }) }],
])("%s stays within what every request may take", (_title, body) => {
  expect(measureExtent(JSON.stringify(body))).toBeLessThan(60_000)
})

test("one long string is no more to the parser than it is", () => {
  expect(measureExtent(JSON.stringify({ plaintext: LONG }))).toBeLessThan(1000)
})
