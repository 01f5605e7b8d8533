import { describe, expect, test } from "@jest/globals"
import { encodeHex, issueAttestedCertificate } from "../../src/index.ts"
import { signingAlgorithm } from "../../src/x509/algorithms.ts"
import { encodePublicKeyInfo } from "../../src/x509/issuance.ts"
import { codeOf } from "../support/code-of.ts"
import { now } from "../support/deployment.ts"
import { keyPair } from "../support/keys.ts"

function serialOf(serial: Uint8Array): string {
  return encodeHex(issueAttestedCertificate({ key: keyPair("p256").privateKey, now, serial }).serialNumber)
}

describe("serials", () => {
  test("are positive: the highest bit is cleared", () => {
    expect(serialOf(new Uint8Array(16).fill(0xff))).toBe(`7f${"ff".repeat(15)}`)
  })

  test("lose their leading zeros", () => {
    const serial = new Uint8Array(16)
    serial[0] = 0x80
    serial[15] = 0x01

    expect(serialOf(serial)).toBe("01")
    expect(serial[0]).toBe(0x80)
  })

  test.each([
    ["empty", new Uint8Array(0)],
    ["one byte short", new Uint8Array(15).fill(1)],
    ["one byte long", new Uint8Array(17).fill(1)],
    ["all zero, so not random", new Uint8Array(16)],
    ["zero but for the bit that is cleared", Uint8Array.from({ length: 16 }, (_, index) => (index === 0 ? 0x80 : 0))],
  ])("are refused when they are %s", (_name, serial) => {
    expect(() => serialOf(serial)).toThrow(RangeError)
  })
})

describe("signing", () => {
  test.each([
    ["p256", "sha256"],
    ["p384", "sha384"],
    ["p521", "sha512"],
    ["rsa2048", "sha256"],
  ] as const)("with %s uses %s", (kind, hash) => {
    expect(signingAlgorithm(keyPair(kind).privateKey)).toMatchObject({
      keyType: kind === "rsa2048" ? "rsa" : "ec",
      hash,
    })
  })

  test.each(["ed25519", "secp256k1", "rsaPss"] as const)("with %s is refused", (kind) => {
    expect(codeOf(() => signingAlgorithm(keyPair(kind).privateKey))).toBe("KEY_TYPE")
  })
})

describe("encodePublicKeyInfo", () => {
  test("is the same for both halves, and again", () => {
    const expected = new Uint8Array(keyPair("p384").publicKey.export({ type: "spki", format: "der" }))

    expect(encodePublicKeyInfo(keyPair("p384").privateKey)).toEqual(expected)
    expect(encodePublicKeyInfo(keyPair("p384").publicKey)).toEqual(expected)
    expect(encodePublicKeyInfo(keyPair("p384").privateKey)).toEqual(expected)
  })
})
