import { type KeyObject, createPrivateKey, createPublicKey } from "node:crypto"
import { describe, expect, test } from "@jest/globals"
import { decodeHex, encodeHex, encodeUtf8 } from "../src/index.ts"
import { openRsaOaep, sealRsaOaep } from "../src/rsa-oaep.ts"
import { codeOf } from "./support/code-of.ts"
import { keyPair } from "./support/keys.ts"
import { describeOutside, readOutsideJson } from "./support/vectors.ts"

interface WycheproofGroup {
  readonly privateKeyPkcs8: string
  readonly tests: readonly (Record<"msg" | "ct" | "label" | "result", string> & { readonly tcId: number })[]
}

const { privateKey, publicKey } = keyPair("rsa2048")
const label = encodeUtf8("label")
const plaintext = Uint8Array.of(1, 2, 3)

describe("RSA-OAEP", () => {
  test("opens what it sealed, under the same label only", () => {
    const ciphertext = sealRsaOaep(publicKey, label, plaintext)

    expect(openRsaOaep(privateKey, label, ciphertext)).toEqual(plaintext)
    expect(codeOf(() => openRsaOaep(privateKey, encodeUtf8("other"), ciphertext))).toBe("OPEN_FAILED")
  })

  test("needs a key that is larger than the message by 66 bytes", () => {
    expect(sealRsaOaep(publicKey, label, new Uint8Array(190))).toHaveLength(256)
    expect(codeOf(() => sealRsaOaep(publicKey, label, new Uint8Array(191)))).toBe("KEY_SIZE")
  })
})

describeOutside("RSA-OAEP vectors", () => {
  test.each([
    [2048, 37],
    [4096, 37],
  ])("Wycheproof with %d bits, every case of %d", (bits, count) => {
    const groups = (
      readOutsideJson(`wycheproof/rsa_oaep_${bits}_sha256_mgf1sha256_test.json`) as {
        readonly testGroups: readonly WycheproofGroup[]
      }
    ).testGroups
    const cases = groups.flatMap(({ privateKeyPkcs8, tests }) => {
      const key = createPrivateKey({ key: Buffer.from(privateKeyPkcs8, "hex"), format: "der", type: "pkcs8" })
      return tests.map((vector) => ({ ...vector, key }))
    })

    const wrong = cases.filter(({ key, label, ct, msg, result }) =>
      result === "valid"
        ? open(key, label, ct) !== msg || !roundTrips(key, label, msg)
        : codeOf(() => open(key, label, ct)) !== "OPEN_FAILED",
    )

    expect(cases).toHaveLength(count)
    expect(wrong.map(({ tcId }) => tcId)).toEqual([])
  })
})

function open(key: KeyObject, label: string, ciphertext: string): string {
  return encodeHex(openRsaOaep(key, decodeHex(label), decodeHex(ciphertext)))
}

function roundTrips(key: KeyObject, label: string, message: string): boolean {
  const ciphertext = sealRsaOaep(createPublicKey(key), decodeHex(label), decodeHex(message))
  return open(key, label, encodeHex(ciphertext)) === message
}
