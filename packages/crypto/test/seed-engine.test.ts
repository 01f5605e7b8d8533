import { type KeyObject, createPublicKey } from "node:crypto"
import { describe, expect, test } from "@jest/globals"
import {
  MIN_SEED_BYTES,
  SALT_BYTES,
  SEED_BYTES,
  createSeedEngine,
  decodeHex,
  decodeUtf8,
  encodeHex,
  encodeUtf8,
  hkdfSha256,
  sha256,
} from "../src/index.ts"
import { codeOf } from "./support/code-of.ts"
import { describeOutside, readInsideJson, readOutsideJson } from "./support/vectors.ts"

interface PublishedCase {
  readonly seed: string
  readonly salt: string
  readonly rootCaKeyScalar?: string
  readonly transactionSigningKeyScalar?: string
  readonly workloadSecrets: Readonly<Record<string, string>>
}

interface OutsideCase extends Required<PublishedCase> {
  readonly name: string
  readonly podStateSeed: string
  readonly historySeed: string
  readonly transitSecret: string
  readonly transitKeys: readonly { readonly id: string; readonly version: number; readonly key: string }[]
}

interface PeerCase {
  readonly name: string
  readonly seedHex: string
  readonly saltHex: string
  readonly podStateSeedHex: string
  readonly historySeedHex: string
  readonly rootCaDHex: string
  readonly rootCaPublicKeySpkiHex: string
  readonly transactionSigningDHex: string
  readonly transactionSigningPublicKeySpkiHex: string
  readonly workloadSecrets: readonly { readonly id: string; readonly idUtf8Hex: string; readonly secretHex: string }[]
}

const seed = Uint8Array.from({ length: SEED_BYTES }, (_, index) => index)
const salt = Uint8Array.from({ length: SALT_BYTES }, (_, index) => SEED_BYTES + index)
const engine = createSeedEngine(seed, salt)

function scalarOf(key: KeyObject): string {
  return encodeHex(Buffer.from(key.export({ format: "jwk" }).d ?? "", "base64url"))
}

function publicKeyOf(key: KeyObject): string {
  return createPublicKey(key).export({ type: "spki", format: "der" }).toString("hex")
}

describe("createSeedEngine", () => {
  test.each((readInsideJson("seed-engine.json") as { readonly cases: readonly PublishedCase[] }).cases)(
    "derives the published values of the seed $seed",
    ({ seed, salt, ...published }) => {
      const keys = createSeedEngine(decodeHex(seed), decodeHex(salt))

      const secrets = Object.keys(published.workloadSecrets).map((id) => [id, encodeHex(keys.workloadSecret(id))])
      const derived = {
        rootCaKeyScalar: scalarOf(keys.rootCaKey),
        transactionSigningKeyScalar: scalarOf(keys.transactionSigningKey),
        workloadSecrets: Object.fromEntries(secrets) as unknown,
      }
      expect(derived).toMatchObject(published)
    },
  )

  test("keeps copies of seed and salt", () => {
    const [ownSeed, ownSalt] = [seed.slice(), salt.slice()]
    const own = createSeedEngine(ownSeed, ownSalt)
    const before = own.workloadSecret("web")

    ownSeed.fill(0)
    ownSalt.fill(0)

    expect([own.seed, own.salt, own.workloadSecret("web")]).toEqual([seed, salt, before])
  })

  test.each([
    ["a salt one byte short", SEED_BYTES, SALT_BYTES - 1, "SALT_SIZE"],
    ["a salt one byte long", SEED_BYTES, SALT_BYTES + 1, "SALT_SIZE"],
    ["salt and seed both wrong", 0, 0, "SALT_SIZE"],
    ["an empty seed", 0, SALT_BYTES, "SEED_SIZE"],
    ["a seed one byte short", MIN_SEED_BYTES - 1, SALT_BYTES, "SEED_SIZE"],
    ["a seed longer than HKDF can give", 8161, SALT_BYTES, "SEED_SIZE"],
    ["the shortest seed", MIN_SEED_BYTES, SALT_BYTES, undefined],
    ["the longest seed", 8160, SALT_BYTES, undefined],
  ])("judges %s", (_name, seedBytes, saltBytes, code) => {
    expect(codeOf(() => createSeedEngine(new Uint8Array(seedBytes), new Uint8Array(saltBytes)))).toBe(code)
  })
})

describe("workloadSecret", () => {
  test("is as long as the seed", () => {
    expect(engine.workloadSecret("web")).toHaveLength(SEED_BYTES)
    expect(createSeedEngine(new Uint8Array(33), salt).workloadSecret("web")).toHaveLength(33)
  })

  test.each([
    ["empty", ""],
    ["half a surrogate pair, which would collide with another", "\udc00"],
  ])("refuses an id that is %s", (_name, id) => {
    expect(codeOf(() => engine.workloadSecret(id))).toBe("WORKLOAD_SECRET_ID")
    expect(codeOf(() => engine.transitKey(id, 1))).toBe("WORKLOAD_SECRET_ID")
  })
})

describe("transitKey", () => {
  test("gives what was computed apart from this code", () => {
    const vector = readInsideJson("transit-keys.json") as Pick<OutsideCase, "seed" | "salt"> & {
      readonly cases: OutsideCase["transitKeys"]
    }
    const keys = createSeedEngine(decodeHex(vector.seed), decodeHex(vector.salt))

    const derived = vector.cases.map(({ id, version }) => ({
      id,
      version,
      key: encodeHex(keys.transitKey(id, version)),
    }))

    expect(derived).toEqual(vector.cases)
  })

  test("differs by version and id", () => {
    const keys = [engine.transitKey("a", 1), engine.transitKey("a", 2), engine.transitKey("b", 1)].map(encodeHex)

    expect(new Set(keys).size).toBe(3)
  })

  test("is no workload secret in disguise", () => {
    const secrets = ["1_a", "a", "TRANSIT KEY"].map((id) => encodeHex(engine.workloadSecret(id).subarray(0, 32)))

    expect(secrets).not.toContain(encodeHex(engine.transitKey("a", 1)))
  })

  test.each([
    ["zero", 0],
    ["negative", -1],
    ["2^32", 2 ** 32],
    ["a fraction", 1.5],
    ["not a number", Number.NaN],
  ])("refuses a version that is %s", (_name, version) => {
    expect(codeOf(() => engine.transitKey("a", version))).toBe("TRANSIT_KEY_VERSION")
  })

  test("takes versions up to 2^32-1 and ids up to 65535 bytes", () => {
    expect(engine.transitKey("é".repeat(32767), 2 ** 32 - 1)).toHaveLength(32)
    expect(engine.transitKey("x".repeat(65535), 1)).toHaveLength(32)
    expect(codeOf(() => engine.transitKey("é".repeat(32768), 1))).toBe("WORKLOAD_SECRET_ID")
  })
})

describeOutside("seed engine vectors", () => {
  test("every value of seed-engine.json", () => {
    const { vectors } = readOutsideJson("seed-engine.json") as { readonly vectors: readonly OutsideCase[] }

    expect(vectors).toHaveLength(4)
    for (const vector of vectors) {
      const keys = createSeedEngine(decodeHex(vector.seed), decodeHex(vector.salt))

      expect(scalarOf(keys.rootCaKey)).toBe(vector.rootCaKeyScalar)
      expect(scalarOf(keys.transactionSigningKey)).toBe(vector.transactionSigningKeyScalar)
      expect(deriveFromSeed(vector, "POD STATE SECRET")).toBe(vector.podStateSeed)
      expect(deriveFromSeed(vector, "HISTORY SECRET")).toBe(vector.historySeed)
      expect(deriveFromSeed(vector, "TRANSIT SECRET")).toBe(vector.transitSecret)
      for (const [id, secret] of Object.entries(vector.workloadSecrets)) {
        expect([id, encodeHex(keys.workloadSecret(id))]).toEqual([id, secret])
      }
      for (const { id, version, key } of vector.transitKeys) {
        expect([id, version, encodeHex(keys.transitKey(id, version))]).toEqual([id, version, key])
      }
    }
  })

  test("every value of the established implementation", () => {
    const vectors = readOutsideJson("peer/seed-engine.json") as readonly PeerCase[]

    expect(vectors).toHaveLength(4)
    for (const vector of vectors) {
      const keys = createSeedEngine(decodeHex(vector.seedHex), decodeHex(vector.saltHex))
      const inputs = { seed: vector.seedHex, salt: vector.saltHex }

      expect(scalarOf(keys.rootCaKey)).toBe(vector.rootCaDHex)
      expect(publicKeyOf(keys.rootCaKey)).toBe(vector.rootCaPublicKeySpkiHex)
      expect(scalarOf(keys.transactionSigningKey)).toBe(vector.transactionSigningDHex)
      expect(publicKeyOf(keys.transactionSigningKey)).toBe(vector.transactionSigningPublicKeySpkiHex)
      expect(deriveFromSeed(inputs, "POD STATE SECRET")).toBe(vector.podStateSeedHex)
      expect(deriveFromSeed(inputs, "HISTORY SECRET")).toBe(vector.historySeedHex)
      const texts = vector.workloadSecrets.filter(({ idUtf8Hex }) => !isInvalidUtf8(idUtf8Hex))
      expect([vector.workloadSecrets.length, texts.length]).toEqual([22, 21])
      for (const { idUtf8Hex, secretHex } of texts) {
        expect(encodeHex(keys.workloadSecret(workloadIdOf(idUtf8Hex)))).toBe(secretHex)
      }
    }
  })
})

function deriveFromSeed(inputs: { readonly seed: string; readonly salt: string }, label: string): string {
  const ikm = decodeHex(inputs.seed)
  return encodeHex(hkdfSha256({ ikm, salt: decodeHex(inputs.salt), info: encodeUtf8(label), length: ikm.length }))
}

/** Our ids are text, as in a manifest; the one case whose id is none can only be shown to be refused before. */
function isInvalidUtf8(idUtf8Hex: string): boolean {
  return !idUtf8Hex.startsWith("sha256:") && codeOf(() => decodeUtf8(decodeHex(idUtf8Hex))) === "UTF8"
}

/** Long ids are only named by their hash. */
function workloadIdOf(idUtf8Hex: string): string {
  const long = ["x".repeat(253), "長".repeat(1000), "long-".repeat(20000)]
  const found = long.find((id) => idUtf8Hex === `sha256:${encodeHex(sha256(encodeUtf8(id)))}`)
  return found ?? decodeUtf8(decodeHex(idUtf8Hex))
}

test("keeps its own copy of seed and salt, also where they come in Buffers", () => {
  const [theirSeed, theirSalt] = [Buffer.from(seed), Buffer.from(salt)]
  const engine = createSeedEngine(theirSeed, theirSalt)

  theirSeed.fill(0)
  theirSalt.fill(0)

  expect([engine.seed, engine.salt]).toEqual([seed, salt])
})
