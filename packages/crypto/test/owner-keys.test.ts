import { describe, expect, test } from "@jest/globals"
import {
  decodeHex,
  encodeOwnerPublicKey,
  encodePem,
  encodeSeedshareOwnerKey,
  encodeWorkloadOwnerKey,
  generateSeedshareOwnerKey,
  generateWorkloadOwnerKey,
  parseSeedshareOwnerKey,
  parseSeedshareOwnerPublicKey,
  parseWorkloadOwnerKey,
  parseWorkloadOwnerPublicKey,
} from "../src/index.ts"
import { codeOf, messageOf } from "./support/code-of.ts"
import { keyPair, privatePem, publicPem } from "./support/keys.ts"
import { describeOutside, readOutsideJson, readOutsideText } from "./support/vectors.ts"

const encrypted = keyPair("p384").privateKey.export({
  type: "pkcs8",
  format: "pem",
  cipher: "aes-256-cbc",
  passphrase: "x",
})

describe("workload owner keys", () => {
  test("are P-384 and travel as SEC1 PEM", () => {
    const key = generateWorkloadOwnerKey()
    const pem = encodeWorkloadOwnerKey(key)

    expect(key.asymmetricKeyDetails?.namedCurve).toBe("secp384r1")
    expect(pem).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/)
    expect(parseWorkloadOwnerKey(pem).equals(key)).toBe(true)
  })

  test.each(["p256", "p384", "p521"] as const)("are read from PKCS#8 on %s", (kind) => {
    expect(parseWorkloadOwnerKey(privatePem(kind)).equals(keyPair(kind).privateKey)).toBe(true)
  })

  test("are read behind the parameters that openssl ecparam writes", () => {
    const parameters = encodePem("EC PARAMETERS", decodeHex("06052b81040022"))

    expect(
      parseWorkloadOwnerKey(parameters + encodeWorkloadOwnerKey(keyPair("p384").privateKey)).equals(
        keyPair("p384").privateKey,
      ),
    ).toBe(true)
  })

  test.each([
    ["rsa2048", "KEY_TYPE", "rsa private"],
    ["ed25519", "KEY_TYPE", "ed25519 private"],
    ["secp256k1", "KEY_TYPE", "secp256k1 private"],
  ] as const)("are refused when they are %s", (kind, code, came) => {
    expect(codeOf(() => parseWorkloadOwnerKey(privatePem(kind)))).toBe(code)
    expect(messageOf(() => parseWorkloadOwnerKey(privatePem(kind)))).toContain(`got ${came}`)
    expect(codeOf(() => parseWorkloadOwnerPublicKey(privatePem(kind)))).toBe(code)
    expect(codeOf(() => encodeWorkloadOwnerKey(keyPair(kind).privateKey))).toBe(code)
  })
})

describe("seed share owner keys", () => {
  test("are RSA 4096 and travel as PKCS#1 PEM", async () => {
    const key = await generateSeedshareOwnerKey()
    const pem = encodeSeedshareOwnerKey(key)

    expect(key.asymmetricKeyDetails?.modulusLength).toBe(4096)
    expect(pem).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/)
    expect(parseSeedshareOwnerKey(pem).equals(key)).toBe(true)
  })

  test.each(["rsa2048", "rsa3072"] as const)("are read from PKCS#8 with %s", (kind) => {
    expect(parseSeedshareOwnerKey(privatePem(kind)).equals(keyPair(kind).privateKey)).toBe(true)
  })

  test.each([
    ["p384", "KEY_TYPE", "got secp384r1 private"],
    ["rsaPss", "KEY_TYPE", "got rsa-pss private"],
    ["rsa1024", "KEY_SIZE", "got 1024"],
  ] as const)("are refused when they are %s", (kind, code, came) => {
    expect(codeOf(() => parseSeedshareOwnerKey(privatePem(kind)))).toBe(code)
    expect(messageOf(() => parseSeedshareOwnerKey(privatePem(kind)))).toContain(came)
    expect(codeOf(() => parseSeedshareOwnerPublicKey(privatePem(kind)))).toBe(code)
    expect(codeOf(() => encodeSeedshareOwnerKey(keyPair(kind).privateKey))).toBe(code)
  })
})

describe("private keys", () => {
  test.each([
    ["nothing", "", "no PEM block"],
    ["another text", "hello", "no PEM block"],
    ["a public key", publicPem("p384"), '"PUBLIC KEY"'],
    ["a certificate", encodePem("CERTIFICATE", Uint8Array.of(0x30, 0)), '"CERTIFICATE"'],
    ["an encrypted key", encrypted.toString(), '"ENCRYPTED PRIVATE KEY"'],
    ["a cut key", privatePem("p384").slice(0, 100), '"PRIVATE KEY"'],
    ["a block of something else", encodePem("PRIVATE KEY", Uint8Array.of(1, 2, 3)), '"PRIVATE KEY"'],
  ])("are refused from %s, saying what came", (_name, pem, came) => {
    expect(codeOf(() => parseWorkloadOwnerKey(pem))).toBe("KEY_ENCODING")
    expect(codeOf(() => parseSeedshareOwnerKey(pem))).toBe("KEY_ENCODING")
    expect(messageOf(() => parseWorkloadOwnerKey(pem))).toBe(
      `expected a PEM private key without passphrase, got ${came.replace(/^"(.*)"$/, 'a "$1" block')}`,
    )
  })
})

describeOutside("the established implementation's owner keys", () => {
  test("are read, and are those of its manifest", () => {
    const manifest = readOutsideJson("peer/history/set-1/manifest.json") as Record<
      "WorkloadOwnerPubKeys" | "SeedshareOwnerPubKeys",
      readonly string[]
    >
    const workloadOwner = parseWorkloadOwnerKey(readOutsideText("peer/history/keys/workload-owner.pem"))
    const seedshareOwners = ["seedshare-owner", "seedshare-owner-2048"].map((name) =>
      parseSeedshareOwnerKey(readOutsideText(`peer/history/keys/${name}.pem`)),
    )

    expect(manifest.WorkloadOwnerPubKeys.map(decodeHex)).toContainEqual(encodeOwnerPublicKey(workloadOwner))
    expect(manifest.SeedshareOwnerPubKeys.map(decodeHex).toSorted()).toEqual(
      seedshareOwners.map(encodeOwnerPublicKey).toSorted(),
    )
  })
})
