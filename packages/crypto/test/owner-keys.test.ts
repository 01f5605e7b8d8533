import { createPublicKey } from "node:crypto"
import { describe, expect, test } from "@jest/globals"
import {
  concatBytes,
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
import { keys } from "./support/keys.ts"
import { describeOutside, readOutsideJson, readOutsideText } from "./support/vectors.ts"

function privatePem(kind: keyof typeof keys): string {
  return keys[kind].privateKey.export({ type: "pkcs8", format: "pem" }).toString()
}

function publicPem(kind: keyof typeof keys): string {
  return keys[kind].publicKey.export({ type: "spki", format: "pem" }).toString()
}

const spki = encodeOwnerPublicKey(keys.p384.publicKey)
const pkcs1 = encodeOwnerPublicKey(keys.rsa2048.publicKey)
const encrypted = keys.p384.privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" })

/** The same P-384 key with its point compressed. */
function compressedSpki(): Uint8Array {
  const [x, lastOfY] = [spki.subarray(-96, -48), spki.at(-1) ?? 0]
  return concatBytes(decodeHex("3046301006072a8648ce3d020106052b81040022033200"), Uint8Array.of(2 + (lastOfY & 1)), x)
}

/** An RSA key of 2048 bits with the exponent given, not usable for anything. */
function rsaWithExponent(exponent: string): Uint8Array {
  const jwk = keys.rsa2048.publicKey.export({ format: "jwk" })
  const key = createPublicKey({ key: { ...jwk, e: Buffer.from(exponent, "hex").toString("base64url") }, format: "jwk" })
  return encodeOwnerPublicKey(key)
}

describe("workload owner keys", () => {
  test("are P-384 and travel as SEC1 PEM", () => {
    const key = generateWorkloadOwnerKey()
    const pem = encodeWorkloadOwnerKey(key)

    expect(key.asymmetricKeyDetails?.namedCurve).toBe("secp384r1")
    expect(pem).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/)
    expect(parseWorkloadOwnerKey(pem).equals(key)).toBe(true)
  })

  test.each(["p256", "p384", "p521"] as const)("are read from PKCS#8 on %s", (kind) => {
    expect(parseWorkloadOwnerKey(privatePem(kind)).equals(keys[kind].privateKey)).toBe(true)
  })

  test("are read behind the parameters that openssl ecparam writes", () => {
    const parameters = encodePem("EC PARAMETERS", decodeHex("06052b81040022"))

    expect(
      parseWorkloadOwnerKey(parameters + encodeWorkloadOwnerKey(keys.p384.privateKey)).equals(keys.p384.privateKey),
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
    expect(codeOf(() => encodeWorkloadOwnerKey(keys[kind].privateKey))).toBe(code)
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
    expect(parseSeedshareOwnerKey(privatePem(kind)).equals(keys[kind].privateKey)).toBe(true)
  })

  test.each([
    ["p384", "KEY_TYPE", "got secp384r1 private"],
    ["rsaPss", "KEY_TYPE", "got rsa-pss private"],
    ["rsa1024", "KEY_SIZE", "got 1024"],
  ] as const)("are refused when they are %s", (kind, code, came) => {
    expect(codeOf(() => parseSeedshareOwnerKey(privatePem(kind)))).toBe(code)
    expect(messageOf(() => parseSeedshareOwnerKey(privatePem(kind)))).toContain(came)
    expect(codeOf(() => parseSeedshareOwnerPublicKey(privatePem(kind)))).toBe(code)
    expect(codeOf(() => encodeSeedshareOwnerKey(keys[kind].privateKey))).toBe(code)
  })

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

describe("private keys", () => {
  test.each([
    ["nothing", "", "no PEM block"],
    ["another text", "hello", "no PEM block"],
    ["a public key", publicPem("p384"), '"PUBLIC KEY"'],
    ["a certificate", encodePem("CERTIFICATE", spki), '"CERTIFICATE"'],
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

describe("public keys", () => {
  test.each([
    ["PKIX DER", spki],
    ["a public PEM", publicPem("p384")],
    ["a private PEM", privatePem("p384")],
    ["a SEC1 PEM", encodeWorkloadOwnerKey(keys.p384.privateKey)],
  ])("of workload owners are read from %s", (_name, source) => {
    expect(parseWorkloadOwnerPublicKey(source).equals(keys.p384.publicKey)).toBe(true)
  })

  test.each([
    ["PKCS#1 DER", pkcs1],
    ["a public PEM", publicPem("rsa2048")],
    ["a private PEM", privatePem("rsa2048")],
    ["a PKCS#1 public PEM", encodePem("RSA PUBLIC KEY", pkcs1)],
    ["a PKCS#1 private PEM", encodeSeedshareOwnerKey(keys.rsa2048.privateKey)],
    ["PKCS#1 in a block named PUBLIC KEY", encodePem("PUBLIC KEY", pkcs1)],
  ])("of seed share owners are read from %s", (_name, source) => {
    expect(parseSeedshareOwnerPublicKey(source).equals(keys.rsa2048.publicKey)).toBe(true)
  })

  test.each([
    ["empty", new Uint8Array(0)],
    ["cut", spki.subarray(0, -1)],
    ["longer", concatBytes(spki, Uint8Array.of(0))],
    ["compressed, which no other implementation would compare equal", compressedSpki()],
    ["not on the curve", spki.map((byte, index) => (index === 60 ? byte ^ 1 : byte))],
    ["no DER", Uint8Array.of(0x30, 0x80, 0, 0)],
    ["text that is no PEM", "hello"],
    ["a certificate", encodePem("CERTIFICATE", spki)],
    ["a PEM block of something else", encodePem("PUBLIC KEY", Uint8Array.of(1, 2, 3))],
    ["encrypted", encrypted.toString()],
  ])("of workload owners are refused when they are %s", (_name, source) => {
    expect(codeOf(() => parseWorkloadOwnerPublicKey(source))).toBe("KEY_ENCODING")
  })

  test.each([
    ["empty", new Uint8Array(0)],
    ["cut", pkcs1.subarray(0, -1)],
    ["longer", concatBytes(pkcs1, Uint8Array.of(0))],
    ["PKIX", keys.rsa2048.publicKey.export({ type: "spki", format: "der" })],
    ["a private key", keys.rsa2048.privateKey.export({ type: "pkcs1", format: "der" })],
    ["a PEM block of something else", encodePem("PUBLIC KEY", Uint8Array.of(1, 2, 3))],
  ])("of seed share owners are refused when they are %s", (_name, source) => {
    expect(codeOf(() => parseSeedshareOwnerPublicKey(source))).toBe("KEY_ENCODING")
  })
})

describe("encodeOwnerPublicKey", () => {
  test.each(["p256", "p384", "p521", "rsa2048"] as const)("gives one encoding for both halves of %s", (kind) => {
    const type = kind === "rsa2048" ? "pkcs1" : "spki"
    const expected = createPublicKey(keys[kind].privateKey).export({ type, format: "der" } as {
      type: "spki"
      format: "der"
    })

    expect(encodeOwnerPublicKey(keys[kind].publicKey)).toEqual(new Uint8Array(expected))
    expect(encodeOwnerPublicKey(keys[kind].privateKey)).toEqual(new Uint8Array(expected))
  })

  test("writes a compressed point uncompressed", () => {
    const compressed = createPublicKey({ key: Buffer.from(compressedSpki()), format: "der", type: "spki" })

    expect(encodeOwnerPublicKey(compressed)).toEqual(spki)
  })

  test.each(["ed25519", "secp256k1", "rsaPss"] as const)("refuses %s", (kind) => {
    expect(codeOf(() => encodeOwnerPublicKey(keys[kind].publicKey))).toBe("KEY_TYPE")
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
