import { createHash, createSign, generateKeyPairSync } from "node:crypto"
import { decodeHex, encodeHex, encodeOwnerPublicKey, generateWorkloadOwnerKey, sha256 } from "@contrast/crypto"
import { describe, expect, test } from "@jest/globals"
import { NO_TRANSITION, ownerSignatureMessage, signTransition, verifyTransitionSignature } from "../src/index.ts"
import { SECURE, manifestOf, ownerHex, withValue, workloadOwnerKey } from "./support/manifests.ts"
import { problemsOf } from "./support/refusals.ts"

const hash = sha256()
const signature = signTransition(workloadOwnerKey, hash)
const manifest = manifestOf(SECURE)
const withoutKeys = withValue(SECURE, ["WorkloadOwnerPubKeys"], [])
const digests = [encodeHex(sha256(encodeOwnerPublicKey(workloadOwnerKey)))]

function codes(asked = manifest, signedHash = hash, signed = signature): unknown {
  return problemsOf(() => {
    verifyTransitionSignature(asked, signedHash, signed)
  }).map(({ code }) => code)
}

describe("a workload owner's signature", () => {
  test("is over the hash as text, and so over the published digest", () => {
    const message = ownerSignatureMessage(decodeHex("fe065c75b3fea47bf4b6effe8639ad25904822da1321584bf4b1254a33f05818"))

    expect(message).toHaveLength(64)
    expect(createHash("sha256").update(message).digest("hex")).toBe(
      "65261222547e273e47520278c841a8e9ed2ed58e1bc16d6c36ab76ed58ac0790",
    )
  })

  test("is accepted", () => {
    expect(codes()).toEqual([])
  })

  test("is accepted when OpenSSL made it from the text", () => {
    const made = createSign("sha256").update(encodeHex(hash)).sign(workloadOwnerKey)

    expect(codes(manifest, hash, made)).toEqual([])
  })

  test("is accepted from an owner with a P-256 key", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
    const asked = manifestOf(withValue(SECURE, ["WorkloadOwnerPubKeys", 0], ownerHex(privateKey)))

    expect(codes(asked, hash, signTransition(privateKey, hash))).toEqual([])
  })

  test("is accepted from the second owner, after one whose key is none", () => {
    const asked = manifestOf(withValue(SECURE, ["WorkloadOwnerPubKeys"], ["abcd", ownerHex(workloadOwnerKey)]))

    expect(codes(asked)).toEqual([])
  })

  test("is accepted from an owner with a key, next to one who has a digest", () => {
    expect(codes(manifestOf(withValue(SECURE, ["WorkloadOwnerKeyDigests"], digests)))).toEqual([])
  })

  test("is not accepted because an owner's key is none", () => {
    const asked = manifestOf(withValue(SECURE, ["WorkloadOwnerPubKeys"], ["abcd"]))

    expect(codes(asked)).toEqual(["OWNER_SIGNATURE"])
  })

  test.each([
    ["over another transition", manifest, NO_TRANSITION, signature],
    ["by a stranger", manifest, hash, signTransition(generateWorkloadOwnerKey(), hash)],
    ["that is empty", manifest, hash, new Uint8Array()],
    ["that goes on", manifest, hash, new Uint8Array([...signature, 0])],
    ["over the hash itself", manifest, hash, new Uint8Array(createSign("sha256").update(hash).sign(workloadOwnerKey))],
  ])("is refused %s", (_title, asked, signedHash, signed) => {
    expect(codes(asked, signedHash, signed)).toEqual(["OWNER_SIGNATURE"])
  })

  test("is refused with any bit flipped", () => {
    const accepted = Array.from({ length: signature.length * 8 }, (_, bit) => bit).filter((bit) => {
      const flipped = signature.slice()
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      return (
        problemsOf(() => {
          verifyTransitionSignature(manifest, hash, flipped)
        }).length === 0
      )
    })

    expect(accepted).toEqual([])
  })

  test("is refused for a manifest without owners, which nobody may replace", () => {
    expect(codes(manifestOf(withoutKeys))).toEqual(["OWNER_MISSING"])
  })

  test("cannot be checked with the digest of a key, and the refusal says what to do", () => {
    const asked = manifestOf(withValue(withoutKeys, ["WorkloadOwnerKeyDigests"], digests))

    expect(
      problemsOf(() => {
        verifyTransitionSignature(asked, hash, signature)
      }),
    ).toEqual([
      {
        code: "OWNER_SIGNATURE",
        path: "$.WorkloadOwnerPubKeys",
        message:
          "the transition is not signed by a workload owner of the manifest; owners named by digest must connect with their key",
      },
    ])
  })
})
