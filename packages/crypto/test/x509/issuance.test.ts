import { describe, expect, test } from "@jest/globals"
import {
  encodeHex,
  issueAcceptableCa,
  issueAttestedCertificate,
  issueLeafCertificate,
  parseCertificate,
  parseSubjectAltNames,
} from "../../src/index.ts"
import { signingAlgorithm } from "../../src/x509/algorithms.ts"
import { encodePublicKeyInfo } from "../../src/x509/issuance.ts"
import { codeOf } from "../support/code-of.ts"
import { intermediate, leaf, leafKey, meshCa, now, options, root } from "../support/deployment.ts"
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

describe("what we issue", () => {
  const evidence = { oid: "1.3.9901.2.99", document: new Uint8Array(300) }
  const nameless = issueLeafCertificate({
    meshCa,
    publicKey: leafKey,
    names: parseSubjectAltNames(["::1"]),
    ...options(),
  })

  test.each([
    ["a root", root.certificate],
    ["an intermediate", intermediate],
    ["a mesh CA", meshCa.certificate],
    ["a leaf", leaf],
    ["a leaf without a name", nameless],
    ["an attested certificate", issueAttestedCertificate({ key: leafKey, evidence, ...options() })],
    ["an acceptable authority", issueAcceptableCa({ key: leafKey, nonce: new Uint8Array(32), ...options() })],
  ])("is what is read back: %s", (_name, issued) => {
    const { publicKey, ...fields } = issued
    const { publicKey: readKey, ...readFields } = parseCertificate(issued.der)

    expect(fields).toEqual(readFields)
    expect(publicKey.equals(readKey)).toBe(true)
    expect(issued.publicKey).toBe(publicKey)
  })

  test("takes 64 KiB and not a byte more", () => {
    const sizeWith = (bytes: number): number =>
      issueAttestedCertificate({
        // Signatures by RSA all have one length, unlike those by ECDSA.
        key: keyPair("rsa2048").privateKey,
        evidence: { oid: "1.2.3", document: new Uint8Array(bytes) },
        now,
        serial: new Uint8Array(16).fill(1),
      }).der.length
    const largest = 64_000 + 64 * 1024 - sizeWith(64_000)

    expect(sizeWith(largest)).toBe(64 * 1024)
    expect(codeOf(() => sizeWith(largest + 1))).toBe("CERTIFICATE")
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
