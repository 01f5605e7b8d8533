import { createSecretKey } from "node:crypto"
import { expect, test } from "@jest/globals"
import { describeKey } from "../src/key-type.ts"
import { keyPair } from "./support/keys.ts"

test.each([
  ["an EC key by its curve", keyPair("p384").privateKey, "secp384r1 private"],
  ["an RSA key by its kind", keyPair("rsa2048").publicKey, "rsa public"],
  ["a secret", createSecretKey(new Uint8Array(32)), "secret"],
])("describes %s", (_name, key, text) => {
  expect(describeKey(key)).toBe(text)
})
