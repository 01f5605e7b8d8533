import { expect, test } from "@jest/globals"
import { CryptoError } from "../src/index.ts"

test("a refusal tells what it is, its code and its cause", () => {
  const cause = new Error("below")

  const error = new CryptoError("HEX", "expected hex digits only", { cause })

  expect(String(error)).toBe("CryptoError: expected hex digits only")
  expect(error).toMatchObject({ code: "HEX", cause })
})
