import { expect, test } from "@jest/globals"
import { encodeHex, encodeUtf8, sha256, sha384, sha512 } from "../src/index.ts"

// FIPS 180-4 examples, as in NIST's "SHA256.pdf", "SHA384.pdf" and "SHA512.pdf".
test("gives the published digests of abc", () => {
  expect(encodeHex(sha256(encodeUtf8("abc")))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  expect(encodeHex(sha384(encodeUtf8("abc")))).toBe(
    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
  )
  expect(encodeHex(sha512(encodeUtf8("abc")))).toBe(
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
  )
})

test("hashes parts as if they were one", () => {
  const parts = [encodeUtf8("a"), new Uint8Array(0), encodeUtf8("bc")]

  expect(sha256(...parts)).toEqual(sha256(encodeUtf8("abc")))
  expect(sha384(...parts)).toEqual(sha384(encodeUtf8("abc")))
  expect(sha512(...parts)).toEqual(sha512(encodeUtf8("abc")))
})
