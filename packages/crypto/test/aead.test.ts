import { createSecretKey } from "node:crypto"
import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { type Aes256GcmInputs, concatBytes, decodeHex, encodeHex, openAes256Gcm, sealAes256Gcm } from "../src/index.ts"
import { codeOf } from "./support/code-of.ts"
import { FUZZ_RUNS } from "./support/fuzz.ts"
import { keyPair } from "./support/keys.ts"
import { describeOutside, readInsideJson, readOutsideJson, readOutsideText } from "./support/vectors.ts"

interface Case {
  readonly key: string
  readonly nonce: string
  readonly associatedData: string
  readonly ciphertext: string
  readonly plaintext: string
}

interface WycheproofGroup {
  readonly keySize: number
  readonly ivSize: number
  readonly tests: readonly (Record<"key" | "iv" | "aad" | "msg" | "ct" | "tag" | "result", string> & {
    readonly tcId: number
  })[]
}

const published = readInsideJson("aes-256-gcm.json") as {
  readonly cases: readonly Case[]
  readonly refused: readonly Omit<Case, "plaintext">[]
}

function seal(vector: Omit<Case, "ciphertext">): string {
  return encodeHex(sealAes256Gcm({ ...inputs(vector), plaintext: decodeHex(vector.plaintext) }))
}

function open(vector: Omit<Case, "plaintext">): string {
  return encodeHex(openAes256Gcm({ ...inputs(vector), ciphertext: decodeHex(vector.ciphertext) }))
}

function inputs({ key, nonce, associatedData }: Pick<Case, "key" | "nonce" | "associatedData">): Aes256GcmInputs {
  return { key: decodeHex(key), nonce: decodeHex(nonce), associatedData: decodeHex(associatedData) }
}

const key = new Uint8Array(32).fill(1)
const nonce = new Uint8Array(12).fill(2)
const plaintext = Uint8Array.of(3, 4, 5)
const associatedData = Uint8Array.of(6)
const sealed = sealAes256Gcm({ key, nonce, plaintext, associatedData })

describe("AES-256-GCM", () => {
  test.each(published.cases)("seals and opens the published case $ciphertext", (vector) => {
    expect(seal(vector)).toBe(vector.ciphertext)
    expect(open(vector)).toBe(vector.plaintext)
  })

  test.each(published.refused)("refuses the published forgery $ciphertext", (vector) => {
    expect(codeOf(() => open(vector))).toBe("OPEN_FAILED")
  })

  test("takes a key object as well", () => {
    const object = createSecretKey(key)

    expect(sealAes256Gcm({ key: object, nonce, plaintext, associatedData })).toEqual(sealed)
    expect(openAes256Gcm({ key: object, nonce, ciphertext: sealed, associatedData })).toEqual(plaintext)
  })

  test("takes absent associated data for empty", () => {
    const ciphertext = sealAes256Gcm({ key, nonce, plaintext })

    expect(openAes256Gcm({ key, nonce, ciphertext })).toEqual(plaintext)
    expect(openAes256Gcm({ key, nonce, ciphertext, associatedData: new Uint8Array(0) })).toEqual(plaintext)
    expect(codeOf(() => openAes256Gcm({ key, nonce, ciphertext, associatedData }))).toBe("OPEN_FAILED")
  })

  test.each([
    ["empty", new Uint8Array(0)],
    ["one byte shorter than a tag", sealed.subarray(0, 15)],
    ["just a tag", sealed.subarray(3)],
    ["cut", sealed.subarray(0, -1)],
    ["longer", concatBytes(sealed, Uint8Array.of(0))],
  ])("refuses a ciphertext that is %s", (_name, ciphertext) => {
    expect(codeOf(() => openAes256Gcm({ key, nonce, ciphertext, associatedData }))).toBe("OPEN_FAILED")
  })

  test("refuses every flipped bit", () => {
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const ciphertext = sealed.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))

      expect(codeOf(() => openAes256Gcm({ key, nonce, ciphertext, associatedData }))).toBe("OPEN_FAILED")
    }
  })

  test.each([
    ["empty", new Uint8Array(0)],
    ["one byte short", new Uint8Array(31)],
    ["one byte long", new Uint8Array(33)],
    ["a short key object", createSecretKey(new Uint8Array(16))],
    ["a key of another kind", keyPair("p256").privateKey],
  ])("refuses a key that is %s", (_name, wrong) => {
    expect(codeOf(() => sealAes256Gcm({ key: wrong, nonce, plaintext }))).toBe("KEY_SIZE")
    expect(codeOf(() => openAes256Gcm({ key: wrong, nonce, ciphertext: sealed }))).toBe("KEY_SIZE")
  })

  test.each([0, 11, 13, 16])("refuses a nonce of %d bytes", (size) => {
    const wrong = new Uint8Array(size)

    expect(codeOf(() => sealAes256Gcm({ key, nonce: wrong, plaintext }))).toBe("NONCE_SIZE")
    expect(codeOf(() => openAes256Gcm({ key, nonce: wrong, ciphertext: sealed }))).toBe("NONCE_SIZE")
  })

  test("opens what it sealed", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (message, data) => {
        const ciphertext = sealAes256Gcm({ key, nonce, plaintext: message, associatedData: data })

        expect(ciphertext).toHaveLength(message.length + 16)
        expect(openAes256Gcm({ key, nonce, ciphertext, associatedData: data })).toEqual(message)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})

describeOutside("AES-256-GCM vectors", () => {
  test("CAVP, every encryption", () => {
    const cases = readCavp("cavp/gcmEncryptExtIV256.iv96.tag128.rsp")

    expect(cases).toHaveLength(375)
    expect(cases.filter((vector) => seal(vector) !== vector.ciphertext)).toEqual([])
  })

  test("CAVP, every decryption and every refusal", () => {
    const cases = readCavp("cavp/gcmDecrypt256.iv96.tag128.rsp")
    const refused = cases.filter(({ fails }) => fails)
    const opened = cases.filter(({ fails }) => !fails)

    expect([opened.length > 0, refused.length > 0, cases.length]).toEqual([true, true, 375])
    expect(opened.filter((vector) => open(vector) !== vector.plaintext)).toEqual([])
    expect(refused.filter((vector) => codeOf(() => open(vector)) !== "OPEN_FAILED")).toEqual([])
  })

  test("Wycheproof, every case: those of our sizes by their result, all others refused for their size", () => {
    const groups = (
      readOutsideJson("wycheproof/aes_gcm_test.json") as { readonly testGroups: readonly WycheproofGroup[] }
    ).testGroups
    const cases = groups.flatMap(({ keySize, ivSize, tests }) =>
      tests.map((vector) => ({ ...vector, keySize, ivSize })),
    )

    const wrong = cases.filter(({ keySize, ivSize, result, key, iv, aad, msg, ct, tag }) => {
      const vector = { key, nonce: iv, associatedData: aad, plaintext: msg, ciphertext: `${ct}${tag}` }
      const sizes = keySize !== 256 ? "KEY_SIZE" : ivSize !== 96 ? "NONCE_SIZE" : undefined
      const expected = sizes ?? (result === "valid" ? undefined : "OPEN_FAILED")
      return (
        codeOf(() => open(vector)) !== expected ||
        codeOf(() => seal(vector)) !== sizes ||
        (expected === undefined && (open(vector) !== msg || seal(vector) !== vector.ciphertext))
      )
    })

    expect(cases).toHaveLength(316)
    expect(wrong).toEqual([])
  })
})

/** NIST's response files: fields by line, cases and headers apart by an empty line. */
function readCavp(path: string): readonly (Case & { readonly fails: boolean })[] {
  const blocks = readOutsideText(path)
    .split(/\r?\n\r?\n/)
    .filter((block) => block.includes("Count ="))
  return blocks.map((block) => {
    const field = new Map(
      [...block.matchAll(/^(\w+) = ?(\w*)\s*$/gm)].map(([, name = "", value = ""]) => [name, value]),
    )
    const text = (name: string): string => field.get(name) ?? ""
    return {
      key: text("Key"),
      nonce: text("IV"),
      associatedData: text("AAD"),
      plaintext: text("PT"),
      ciphertext: `${text("CT")}${text("Tag")}`,
      fails: /^FAIL/m.test(block),
    }
  })
}
