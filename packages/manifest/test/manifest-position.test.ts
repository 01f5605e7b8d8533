import { encodeUtf8 } from "@contrast/crypto"
import { describe, expect, test } from "@jest/globals"
import { manifestPositions } from "../src/index.ts"
import { WEB_HASH } from "./support/manifests.ts"
import { refusalsOf } from "./support/refusals.ts"

const SOURCE = encodeUtf8(`{
  "Policies": {
    "${WEB_HASH}": { "SANs": ["web", "*"] }
  },
  "ReferenceValues": { "tdx": [{}, {
    "MrTd": "",
    "MrTdx": 1
  }] }
}`)

describe("the place of a value in the text", () => {
  test.each([
    ["the whole", "$", 1, 1],
    ["a value", "$.Policies", 2, 15],
    ["a value in a map", `$.Policies["${WEB_HASH}"]`, 3, 73],
    ["an item", `$.Policies["${WEB_HASH}"].SANs[1]`, 3, 91],
    ["a value without its $", "ReferenceValues.tdx[1].MrTd", 6, 13],
    ["a value whose name begins like another", "$.ReferenceValues.tdx[1].MrTdx", 7, 14],
    ["an absent value: the object around it", "$.ReferenceValues.tdx[1].Rtmrs[2]", 5, 36],
    ["an absent item: the list around it", "$.ReferenceValues.tdx[11]", 5, 31],
    ["an unknown top", "$.Else.Where", 1, 1],
  ])("is found for %s", (_title, path, line, column) => {
    expect(manifestPositions(SOURCE)(path)).toEqual({ line, column })
  })

  test("is not found in what is not JSON", () => {
    expect(refusalsOf(() => manifestPositions(encodeUtf8("{")))).toEqual([["MANIFEST_JSON", "$"]])
  })
})
