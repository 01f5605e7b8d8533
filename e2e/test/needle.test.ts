import { randomBytes } from "node:crypto"
import { describe, expect, test } from "@jest/globals"
import { findNeedles, needleOf } from "../src/canary/needle.ts"

// A search that finds nothing proves something only if it would have found it.
describe("the search for secrets", () => {
  const secret = randomBytes(64)
  const needles = [needleOf("seed", secret)]
  const pem = (bytes: Buffer) => bytes.toString("base64").replaceAll(/.{64}/g, "$&\n")

  test.each([
    ["raw bytes", secret],
    ["hex", Buffer.from(secret.toString("hex"))],
    ["upper-case hex", Buffer.from(secret.toString("hex").toUpperCase())],
    ["base64", Buffer.from(secret.toString("base64"))],
    ["base64url", Buffer.from(secret.toString("base64url"))],
    ["base64 after one byte", Buffer.from(Buffer.concat([randomBytes(1), secret]).toString("base64"))],
    ["base64 after two bytes", Buffer.from(Buffer.concat([randomBytes(2), secret]).toString("base64"))],
    ["lines of PEM", Buffer.from(pem(Buffer.concat([randomBytes(40), secret])))],
    ["a truncated copy", secret.subarray(0, 24)],
  ])("finds a secret as %s", (_form, form) => {
    const hay = Buffer.concat([randomBytes(1000), form, randomBytes(1000)])

    expect(findNeedles(needles, hay)).toEqual(["seed"])
  })

  test("finds nothing where there is nothing", () => {
    expect(findNeedles(needles, randomBytes(100_000))).toEqual([])
  })
})
