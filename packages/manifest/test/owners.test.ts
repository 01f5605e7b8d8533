import { encodeHex, encodeOwnerPublicKey, generateWorkloadOwnerKey, sha256 } from "@contrast/crypto"
import { describe, expect, test } from "@jest/globals"
import { isSeedshareOwner, isWorkloadOwner } from "../src/index.ts"
import { SECURE, manifestOf, ownerHex, seedshareOwnerKey, withValue, workloadOwnerKey } from "./support/manifests.ts"

const owner = encodeOwnerPublicKey(workloadOwnerKey)
const stranger = encodeOwnerPublicKey(generateWorkloadOwnerKey())
const seedshareOwner = encodeOwnerPublicKey(seedshareOwnerKey)
const manifest = manifestOf(SECURE)
const withoutKeys = withValue(SECURE, ["WorkloadOwnerPubKeys"], [])

describe("a workload owner is known", () => {
  test.each([
    ["by the key", manifest],
    [
      "by the key in upper case",
      manifestOf(withValue(SECURE, ["WorkloadOwnerPubKeys", 0], ownerHex(workloadOwnerKey).toUpperCase())),
    ],
    [
      "by the second key",
      manifestOf(withValue(SECURE, ["WorkloadOwnerPubKeys"], [encodeHex(stranger), encodeHex(owner)])),
    ],
    [
      "by the digest of the key",
      manifestOf(withValue(withoutKeys, ["WorkloadOwnerKeyDigests"], [encodeHex(sha256(owner))])),
    ],
    [
      "by the digest of the key in upper case",
      manifestOf(withValue(withoutKeys, ["WorkloadOwnerKeyDigests"], [encodeHex(sha256(owner)).toUpperCase()])),
    ],
  ])("%s", (_title, known) => {
    expect(isWorkloadOwner(known, owner)).toBe(true)
  })

  test.each([
    ["a stranger", manifest, stranger],
    ["a seed share owner", manifest, seedshareOwner],
    ["no key", manifest, new Uint8Array()],
    ["the beginning of a key", manifest, owner.subarray(0, -1)],
    ["a key with something after it", manifest, new Uint8Array([...owner, 0])],
    ["anyone, when there is no owner", manifestOf(withoutKeys), owner],
    [
      "the digest itself",
      manifestOf(withValue(withoutKeys, ["WorkloadOwnerKeyDigests"], [encodeHex(sha256(owner))])),
      sha256(owner),
    ],
  ])("and not taken for %s", (_title, asked, key) => {
    expect(isWorkloadOwner(asked, key)).toBe(false)
  })
})

describe("a seed share owner is known", () => {
  test("by the key", () => {
    expect(isSeedshareOwner(manifest, seedshareOwner)).toBe(true)
  })

  test.each([
    ["a workload owner", manifest, owner],
    ["the digest of the key", manifest, sha256(seedshareOwner)],
    ["anyone, when there is no owner", manifestOf(withValue(SECURE, ["SeedshareOwnerPubKeys"], null)), seedshareOwner],
  ])("and not taken for %s", (_title, asked, key) => {
    expect(isSeedshareOwner(asked, key)).toBe(false)
  })
})
