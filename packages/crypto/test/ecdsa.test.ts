import { createPrivateKey, createPublicKey, createSecretKey, hash, sign, verify } from "node:crypto"
import { describe, expect, test } from "@jest/globals"
import {
  concatBytes,
  decodeBase64,
  decodeHex,
  deriveP384Key,
  encodeHex,
  encodeUtf8,
  sha256,
  sha384,
  signDigest,
  signSha256,
  verifyDigest,
  verifySha256,
} from "../src/index.ts"
import { codeOf } from "./support/code-of.ts"
import { keyPair } from "./support/keys.ts"
import { describeOutside, readInsideJson, readOutsideJson, readOutsideText } from "./support/vectors.ts"

interface KeygenCase {
  readonly curve: string
  readonly seed: string
  readonly private_key_pkcs8: string
}

interface WycheproofGroup {
  readonly publicKeyPem: string
  readonly tests: readonly {
    readonly tcId: number
    readonly msg: string
    readonly sig: string
    readonly result: string
  }[]
}

const secret = new Uint8Array(32).fill(7)
const privateKey = deriveP384Key(secret)
const publicKey = createPublicKey(privateKey)
const message = encodeUtf8("message")
const digest = sha256(message)
const p256 = keyPair("p256")
const rsa = keyPair("rsa2048")

function exportPkcs8(seed: string): Uint8Array {
  const key = deriveP384Key(decodeBase64(seed))
  return new Uint8Array(key.export({ type: "pkcs8", format: "der" }))
}

describe("deriveP384Key", () => {
  test.each(
    (
      readInsideJson("det-keygen.json") as {
        readonly cases: readonly { readonly seed: string; readonly privateKeyPkcs8: string }[]
      }
    ).cases,
  )("gives the published key of the seed $seed", ({ seed, privateKeyPkcs8 }) => {
    expect(exportPkcs8(seed)).toEqual(decodeBase64(privateKeyPkcs8))
  })

  test("needs 16 bytes", () => {
    expect(codeOf(() => deriveP384Key(new Uint8Array(15)))).toBe("SECRET_SIZE")
    expect(codeOf(() => deriveP384Key(new Uint8Array(16)))).toBe(undefined)
  })

  test("gives a key that signs for its public half", () => {
    expect(verify("sha384", message, publicKey, sign("sha384", message, privateKey))).toBe(true)
  })
})

/** SEC1 DER of a P-384 private key without its public half. */
function encodeScalar(scalar: string): Buffer {
  return Buffer.from(`303e0201010430${scalar}a00706052b81040022`, "hex")
}

describe("signDigest and verifyDigest", () => {
  test("sign a digest as it is, so that hashing verifiers agree", () => {
    const signature = signDigest(privateKey, digest)

    expect(verifyDigest(publicKey, digest, signature)).toBe(true)
    expect(verifySha256(publicKey, message, signature)).toBe(true)
  })

  // RFC 6979 A.2.6, curve P-384, SHA-384, message "sample": its s is a high one.
  test("give the published signature, the same each time", () => {
    const key = createPrivateKey({
      key: encodeScalar(
        "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
      ),
      format: "der",
      type: "sec1",
    })

    expect(encodeHex(signDigest(key, sha384(encodeUtf8("sample"))))).toBe(
      "306602310094edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46" +
        "02310099ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8",
    )
  })

  test("verify signatures with a high s, which other implementations make", () => {
    const signatures = Array.from({ length: 8 }, () => signSha256(privateKey, message))

    expect(signatures.filter((signature) => !verifyDigest(publicKey, digest, signature))).toEqual([])
  })

  test("verify with a private key for its public half", () => {
    expect(verifyDigest(privateKey, digest, signDigest(privateKey, digest))).toBe(true)
  })

  test("refuse another digest, key or signature", () => {
    const signature = signDigest(privateKey, digest)
    const other = deriveP384Key(new Uint8Array(32))

    expect(verifyDigest(publicKey, sha256(digest), signature)).toBe(false)
    expect(verifyDigest(other, digest, signature)).toBe(false)
    expect(verifyDigest(publicKey, digest, signDigest(other, digest))).toBe(false)
  })

  test.each([
    ["empty", new Uint8Array(0)],
    ["not DER", Uint8Array.of(1, 2, 3)],
    ["cut", signDigest(privateKey, digest).subarray(0, -1)],
    ["longer", concatBytes(signDigest(privateKey, digest), Uint8Array.of(0))],
    ["of zeros", decodeHex("3006020100020100")],
  ])("refuse a signature that is %s", (_name, signature) => {
    expect(verifyDigest(publicKey, digest, signature)).toBe(false)
    expect(verifySha256(publicKey, message, signature)).toBe(false)
  })

  test.each([
    ["on another curve", p256.privateKey],
    ["RSA", rsa.privateKey],
    ["public", publicKey],
    ["secret", createSecretKey(secret)],
  ])("refuse to sign with a key that is %s", (_name, key) => {
    expect(codeOf(() => signDigest(key, digest))).toBe("KEY_TYPE")
  })

  test.each([
    ["on another curve", p256.publicKey],
    ["RSA", rsa.publicKey],
    ["secret", createSecretKey(secret)],
  ])("refuse to verify with a key that is %s", (_name, key) => {
    expect(codeOf(() => verifyDigest(key, digest, new Uint8Array(0)))).toBe("KEY_TYPE")
  })

  test("stay with noble because node:crypto hashes even when no algorithm is named", () => {
    const signature = sign(null, digest, privateKey)

    expect(verifyDigest(publicKey, digest, signature)).toBe(false)
    expect(verifyDigest(publicKey, sha256(digest), signature)).toBe(true)
  })
})

describe("signSha256 and verifySha256", () => {
  test.each([
    ["P-384", privateKey, publicKey],
    ["P-256", p256.privateKey, p256.publicKey],
  ])("work on %s", (_name, signer, verifier) => {
    const signature = signSha256(signer, message)

    expect(verifySha256(verifier, message, signature)).toBe(true)
    expect(verifySha256(verifier, digest, signature)).toBe(false)
  })

  test("refuse keys that are not on a curve", () => {
    expect(codeOf(() => signSha256(rsa.privateKey, message))).toBe("KEY_TYPE")
    expect(codeOf(() => verifySha256(rsa.publicKey, message, new Uint8Array(0)))).toBe("KEY_TYPE")
  })
})

describeOutside("ECDSA vectors", () => {
  test("det-keygen, every P-384 case", () => {
    const cases = (readOutsideJson("keygen/ecdsa.json") as readonly KeygenCase[]).filter(
      ({ curve }) => curve === "secp384r1",
    )

    expect(cases).toHaveLength(5)
    for (const { seed, private_key_pkcs8: expected } of cases) {
      expect(exportPkcs8(seed)).toEqual(decodeBase64(expected))
    }
  })

  test.each([
    ["sha256", 472],
    ["sha384", 504],
  ])("Wycheproof P-384 with %s, every case of %d", (algorithm, count) => {
    const groups = (
      readOutsideJson(`wycheproof/ecdsa_secp384r1_${algorithm}_test.json`) as {
        readonly testGroups: readonly WycheproofGroup[]
      }
    ).testGroups
    const cases = groups.flatMap(({ publicKeyPem, tests }) => {
      const key = createPublicKey(publicKeyPem)
      return tests.map((vector) => ({ ...vector, key }))
    })

    const wrong = cases.filter(({ key, msg, sig, result }) => {
      const bytes = decodeHex(msg)
      const signature = decodeHex(sig)
      const accepted = [
        verifyDigest(key, hash(algorithm, bytes, "buffer"), signature),
        algorithm === "sha256" ? verifySha256(key, bytes, signature) : undefined,
      ]
      return accepted.some((answer) => answer !== undefined && answer !== (result === "valid"))
    })

    expect(cases).toHaveLength(count)
    expect(wrong.map(({ tcId }) => tcId)).toEqual([])
  })

  test("the owner's signature of the peer's third set", () => {
    const facts = (
      readOutsideJson("peer/history/facts.json") as {
        readonly ownerSignatureOfSet3: Record<"digestSigned" | "nextTransitionHashHexText" | "signatureDerHex", string>
      }
    ).ownerSignatureOfSet3
    const { digestSigned, nextTransitionHashHexText, signatureDerHex } = facts
    const owner = createPrivateKey(readOutsideText("peer/history/keys/workload-owner-2.pem"))
    const signature = decodeHex(signatureDerHex)

    expect(encodeHex(sha256(encodeUtf8(nextTransitionHashHexText)))).toBe(digestSigned)
    expect(verifyDigest(owner, decodeHex(digestSigned), signature)).toBe(true)
    expect(verifySha256(createPublicKey(owner), encodeUtf8(nextTransitionHashHexText), signature)).toBe(true)
  })
})
