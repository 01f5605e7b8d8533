import { describe, expect, test } from "@jest/globals"
import {
  concatBytes,
  decodeHex,
  encodeBase64,
  encodeHex,
  issueAcceptableCa,
  readAcceptableCaNonce,
} from "../../src/index.ts"
import { encodeCommonName } from "../../src/x509/distinguished-name.ts"
import { codeOf } from "../support/code-of.ts"
import { options } from "../support/deployment.ts"
import { keyPair } from "../support/keys.ts"
import { describeOutside, readOutsideJson } from "../support/vectors.ts"

const key = keyPair("p256").privateKey
const nonce = new Uint8Array(32).fill(0xfb)
const name = encodeCommonName(encodeBase64(nonce))

describe("issueAcceptableCa", () => {
  test("carries the nonce as a printable common name", () => {
    const certificate = issueAcceptableCa({ key, nonce, ...options() })

    expect(encodeHex(certificate.subject)).toBe(
      `3037313530330603550403132c${Buffer.from(encodeBase64(nonce)).toString("hex")}`,
    )
    expect(readAcceptableCaNonce(certificate.subject)).toEqual(nonce)
  })

  test("is no authority and soon over", () => {
    const certificate = issueAcceptableCa({ key, nonce, ...options() })

    expect(certificate.extensions).toEqual([])
    expect(certificate.notBefore.toISOString()).toBe("2026-11-22T10:00:00.000Z")
    expect(certificate.notAfter.toISOString()).toBe("2026-11-22T14:00:00.000Z")
  })
})

describe("readAcceptableCaNonce", () => {
  test.each([
    ["empty bytes", new Uint8Array(0)],
    ["no name", Uint8Array.of(4, 0)],
    ["a name without a common name", Uint8Array.of(0x30, 0)],
    ["a cut name", name.subarray(0, -1)],
    ["a name and more", concatBytes(name, Uint8Array.of(0))],
    ["a common name that is no base64", encodeCommonName("*")],
    ["base64 without padding", encodeCommonName(encodeBase64(nonce).slice(0, -1))],
    ["31 bytes", encodeCommonName(encodeBase64(nonce.subarray(1)))],
    ["33 bytes", encodeCommonName(encodeBase64(concatBytes(nonce, Uint8Array.of(0))))],
  ])("refuses %s", (_name, bytes) => {
    expect(codeOf(() => readAcceptableCaNonce(bytes))).toBe("ACCEPTABLE_CA")
  })
})

describeOutside("the acceptable authority of the established implementation", () => {
  test("is read, and ours has the same bytes", () => {
    const { acceptableCAsDerHex } = readOutsideJson("peer/atls.json") as {
      readonly acceptableCAsDerHex: readonly string[]
    }
    const theirs = decodeHex(acceptableCAsDerHex[0] ?? "")

    const ours = issueAcceptableCa({ key, nonce: readAcceptableCaNonce(theirs), ...options() })

    expect(ours.subject).toEqual(theirs)
  })
})
