import { createPublicKey } from "node:crypto"
import { describe, expect, test } from "@jest/globals"
import {
  certificatePem,
  concatBytes,
  decodeHex,
  encodeOwnerPublicKey,
  encodePem,
  encodeSeedshareOwnerKey,
  encodeWorkloadOwnerKey,
  issueAttestedCertificate,
  parseSeedshareOwnerPublicKey,
  parseWorkloadOwnerPublicKey,
} from "../src/index.ts"
import { codeOf } from "./support/code-of.ts"
import { options } from "./support/deployment.ts"
import { keyPair, privatePem, publicPem } from "./support/keys.ts"

const spki = encodeOwnerPublicKey(keyPair("p384").publicKey)
const pkcs1 = encodeOwnerPublicKey(keyPair("rsa2048").publicKey)
const encrypted = keyPair("p384").privateKey.export({
  type: "pkcs8",
  format: "pem",
  cipher: "aes-256-cbc",
  passphrase: "x",
})

const certificate = issueAttestedCertificate({ key: keyPair("p384").privateKey, ...options() })

/** The same P-384 key with its point compressed. */
function compressedSpki(): Uint8Array {
  const [x, lastOfY] = [spki.subarray(-96, -48), spki.at(-1) ?? 0]
  return concatBytes(decodeHex("3046301006072a8648ce3d020106052b81040022033200"), Uint8Array.of(2 + (lastOfY & 1)), x)
}

/** An RSA key of so many bits, not usable for anything. */
function rsaOfSize(bits: number): Uint8Array {
  const modulus = new Uint8Array(bits / 8).fill(0xff)
  const n = Buffer.from(modulus).toString("base64url")
  return encodeOwnerPublicKey(createPublicKey({ key: { kty: "RSA", n, e: "AQAB" }, format: "jwk" }))
}

/** An RSA key of 2048 bits with the exponent given, not usable for anything. */
function rsaWithExponent(exponent: string): Uint8Array {
  const jwk = keyPair("rsa2048").publicKey.export({ format: "jwk" })
  const key = createPublicKey({ key: { ...jwk, e: Buffer.from(exponent, "hex").toString("base64url") }, format: "jwk" })
  return encodeOwnerPublicKey(key)
}

describe("public keys", () => {
  test.each([
    ["PKIX DER", spki],
    ["a public PEM", publicPem("p384")],
    ["a private PEM", privatePem("p384")],
    ["a SEC1 PEM", encodeWorkloadOwnerKey(keyPair("p384").privateKey)],
  ])("of workload owners are read from %s", (_name, source) => {
    expect(parseWorkloadOwnerPublicKey(source).equals(keyPair("p384").publicKey)).toBe(true)
  })

  test.each([
    ["PKCS#1 DER", pkcs1],
    ["a public PEM", publicPem("rsa2048")],
    ["a private PEM", privatePem("rsa2048")],
    ["a PKCS#1 public PEM", encodePem("RSA PUBLIC KEY", pkcs1)],
    ["a PKCS#1 private PEM", encodeSeedshareOwnerKey(keyPair("rsa2048").privateKey)],
    ["PKCS#1 in a block named PUBLIC KEY", encodePem("PUBLIC KEY", pkcs1)],
  ])("of seed share owners are read from %s", (_name, source) => {
    expect(parseSeedshareOwnerPublicKey(source).equals(keyPair("rsa2048").publicKey)).toBe(true)
  })

  test.each([
    ["empty", new Uint8Array(0)],
    ["cut", spki.subarray(0, -1)],
    ["longer", concatBytes(spki, Uint8Array.of(0))],
    ["compressed, which no other implementation would compare equal", compressedSpki()],
    ["not on the curve", spki.map((byte, index) => (index === 60 ? byte ^ 1 : byte))],
    ["no DER", Uint8Array.of(0x30, 0x80, 0, 0)],
    ["text that is no PEM", "hello"],
    ["a certificate, which holds such a key", certificatePem(certificate)],
    ["a PEM block of something else", encodePem("PUBLIC KEY", Uint8Array.of(1, 2, 3))],
    ["encrypted", encrypted.toString()],
  ])("of workload owners are refused when they are %s", (_name, source) => {
    expect(codeOf(() => parseWorkloadOwnerPublicKey(source))).toBe("KEY_ENCODING")
  })

  test.each([
    ["empty", new Uint8Array(0)],
    ["cut", pkcs1.subarray(0, -1)],
    ["longer", concatBytes(pkcs1, Uint8Array.of(0))],
    ["PKIX", keyPair("rsa2048").publicKey.export({ type: "spki", format: "der" })],
    ["a private key", keyPair("rsa2048").privateKey.export({ type: "pkcs1", format: "der" })],
    ["a PEM block of something else", encodePem("PUBLIC KEY", Uint8Array.of(1, 2, 3))],
  ])("of seed share owners are refused when they are %s", (_name, source) => {
    expect(codeOf(() => parseSeedshareOwnerPublicKey(source))).toBe("KEY_ENCODING")
  })
})

describe("RSA keys", () => {
  test.each([
    [2040, "KEY_SIZE"],
    [2048, undefined],
    [16_384, undefined],
    [16_392, "KEY_SIZE"],
  ])("of %d bits are judged", (bits, code) => {
    expect(codeOf(() => parseSeedshareOwnerPublicKey(rsaOfSize(bits)))).toBe(code)
  })
})

describe("RSA exponents", () => {
  test.each([
    ["one, which would leave the seed in the clear", "01"],
    ["even", "010002"],
  ])("are refused when the exponent is %s", (_name, exponent) => {
    expect(codeOf(() => parseSeedshareOwnerPublicKey(rsaWithExponent(exponent)))).toBe("KEY_ENCODING")
  })

  test("are taken with the exponent 3", () => {
    expect(codeOf(() => parseSeedshareOwnerPublicKey(rsaWithExponent("03")))).toBe(undefined)
  })
})

describe("encodeOwnerPublicKey", () => {
  test.each(["p256", "p384", "p521", "rsa2048"] as const)("gives one encoding for both halves of %s", (kind) => {
    const type = kind === "rsa2048" ? "pkcs1" : "spki"
    const expected = createPublicKey(keyPair(kind).privateKey).export({ type, format: "der" } as {
      type: "spki"
      format: "der"
    })

    expect(encodeOwnerPublicKey(keyPair(kind).publicKey)).toEqual(new Uint8Array(expected))
    expect(encodeOwnerPublicKey(keyPair(kind).privateKey)).toEqual(new Uint8Array(expected))
  })

  test("writes a compressed point uncompressed", () => {
    const compressed = createPublicKey({ key: Buffer.from(compressedSpki()), format: "der", type: "spki" })

    expect(encodeOwnerPublicKey(compressed)).toEqual(spki)
  })

  test.each(["ed25519", "secp256k1", "rsaPss"] as const)("refuses %s", (kind) => {
    expect(codeOf(() => encodeOwnerPublicKey(keyPair(kind).publicKey))).toBe("KEY_TYPE")
  })
})
