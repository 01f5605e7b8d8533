import { constants, privateDecrypt } from "node:crypto"
import { describe, expect, test } from "@jest/globals"
import {
  encodeHex,
  encodeOwnerPublicKey,
  openSeedShare,
  parseSeedShareDocument,
  parseSeedshareOwnerKey,
  sealSeedShares,
} from "../src/index.ts"
import { codeOf } from "./support/code-of.ts"
import { keyPair } from "./support/keys.ts"
import { describeOutside, readOutside, readOutsideJson, readOutsideText } from "./support/vectors.ts"

const seed = Uint8Array.from({ length: 64 }, (_, index) => index)
const salt = new Uint8Array(32)
const first = encodeHex(encodeOwnerPublicKey(keyPair("rsa2048").publicKey))
const second = encodeHex(encodeOwnerPublicKey(keyPair("rsa3072").publicKey))
const document = sealSeedShares({ seed, salt, ownerPublicKeys: [first, second.toUpperCase()] })

describe("seed shares", () => {
  test("open with the key of every owner", () => {
    expect(openSeedShare(document, keyPair("rsa2048").privateKey)).toEqual(seed)
    expect(openSeedShare(document, keyPair("rsa3072").privateKey)).toEqual(seed)
  })

  test("stand in the order of the owners and keep their spelling", () => {
    expect(document.seedShares.map(({ publicKey }) => publicKey)).toEqual([first, second.toUpperCase()])
    expect(document.salt).toEqual(salt)
  })

  test("are RSA-OAEP with SHA-256 and the label of shares, as any other reader expects", () => {
    const [share] = document.seedShares
    const scheme = {
      padding: constants.RSA_PKCS1_OAEP_PADDING,
      oaepHash: "sha256",
      oaepLabel: Buffer.from("seedshare"),
    }

    const opened = privateDecrypt({ key: keyPair("rsa2048").privateKey, ...scheme }, share?.encryptedSeed ?? seed)

    expect(new Uint8Array(opened)).toEqual(seed)
  })

  test("are none without owners", () => {
    expect(sealSeedShares({ seed, salt, ownerPublicKeys: [] })).toEqual({ seedShares: [], salt })
  })

  test("differ each time", () => {
    const [share] = sealSeedShares({ seed, salt, ownerPublicKeys: [first] }).seedShares

    expect(share?.encryptedSeed).not.toEqual(document.seedShares[0]?.encryptedSeed)
  })

  test.each([
    ["no hex", "xyz", "HEX"],
    ["no key", "00", "KEY_ENCODING"],
    ["too small", encodeHex(encodeRsa1024()), "KEY_SIZE"],
    ["a workload owner's", encodeHex(encodeOwnerPublicKey(keyPair("p384").publicKey)), "KEY_ENCODING"],
  ])("are not made for an owner that is %s", (_name, owner, code) => {
    expect(codeOf(() => sealSeedShares({ seed, salt, ownerPublicKeys: [owner] }))).toBe(code)
  })

  test("do not open for a key that no share names", () => {
    const forFirst = sealSeedShares({ seed, salt, ownerPublicKeys: [first] })

    expect(codeOf(() => openSeedShare(forFirst, keyPair("rsa3072").privateKey))).toBe("SHARE_NOT_FOUND")
    expect(codeOf(() => openSeedShare(forFirst, keyPair("p384").privateKey))).toBe("SHARE_NOT_FOUND")
    expect(codeOf(() => openSeedShare({ seedShares: [], salt }, keyPair("rsa2048").privateKey))).toBe("SHARE_NOT_FOUND")
    expect(codeOf(() => openSeedShare(document, keyPair("ed25519").privateKey))).toBe("KEY_TYPE")
  })

  test("do not open when they are broken, cut, or another owner's under this name", () => {
    const [share, other] = document.seedShares.map(({ encryptedSeed }) => encryptedSeed)
    const flipped = share?.map((byte, index) => (index === 100 ? byte ^ 1 : byte))

    for (const encryptedSeed of [flipped, share?.subarray(1), other, new Uint8Array(0)]) {
      const broken = { seedShares: [{ publicKey: first, encryptedSeed: encryptedSeed ?? seed }], salt }

      expect(codeOf(() => openSeedShare(broken, keyPair("rsa2048").privateKey))).toBe("OPEN_FAILED")
    }
  })
})

describeOutside("seed shares of the established implementation", () => {
  test.each(["seedshare-owner", "seedshare-owner-2048"])("open with %s", (name) => {
    const { seedHex, saltHex } = readOutsideJson("peer/history/facts.json") as Record<"seedHex" | "saltHex", string>
    const shares = parseSeedShareDocument(readOutside("peer/history/set-1/seed-shares.json"))
    const key = parseSeedshareOwnerKey(readOutsideText(`peer/history/keys/${name}.pem`))

    expect(encodeHex(openSeedShare(shares, key))).toBe(seedHex)
    expect(encodeHex(shares.salt)).toBe(saltHex)
  })
})

function encodeRsa1024(): Uint8Array {
  return new Uint8Array(keyPair("rsa1024").publicKey.export({ type: "pkcs1", format: "der" }))
}
