import {
  createSeedEngine,
  decodeHex,
  decodeUtf8,
  encodeHex,
  encodeOwnerPublicKey,
  parseSeedshareOwnerKey,
  parseWorkloadOwnerKey,
  sha256,
} from "@contrast/crypto"
import { expect, test } from "@jest/globals"
import {
  encodeManifest,
  isSeedshareOwner,
  isWorkloadOwner,
  missingReferenceValues,
  nextTransition,
  parseLatestTransition,
  parseManifest,
  securityLevel,
  signTransition,
  transitionHash,
  validateManifest,
  verifyLatestTransition,
  verifyTransitionSignature,
  walkHistory,
} from "../src/index.ts"
import { readObjects } from "./support/histories.ts"
import { refusalsOf, rejectionOf } from "./support/refusals.ts"
import { describeVectors, listVectors, readVector } from "./support/vectors.ts"

const SETS = [1, 2, 3]
/** A bit in each byte, at changing places; with SLOW=1 every bit. */
const bitStep = process.env["SLOW"] === "1" ? 1 : 7
const timeoutMs = 60_000
const seed = Uint8Array.from({ length: 64 }, (_, index) => index)
const salt = Uint8Array.from({ length: 32 }, (_, index) => 0x40 + index)

interface Facts {
  readonly transitions: readonly string[]
  readonly latestSignatures: readonly string[]
  readonly ownerSignatureOfSet3: { readonly nextTransitionHashHexText: string; readonly signatureDerHex: string }
}

function readFacts(): Facts {
  return JSON.parse(decodeUtf8(readVector("peer/history/facts.json"))) as Facts
}

function readSet(set: number): Uint8Array {
  return readVector(`peer/history/set-${set}/manifest.json`)
}

function readStore(): Map<string, Uint8Array> {
  const names = ["manifests", "transitions"].flatMap((folder) =>
    listVectors(`peer/history/store/${folder}`).map((name) => `${folder}/${name}`),
  )
  return new Map(names.map((name) => [name, readVector(`peer/history/store/${name}`)]))
}

describeVectors("manifests of the established implementation", () => {
  test.each(["insecure-default", "snp-filled", "tdx-empty", "zero"])("%s is written back byte for byte", (name) => {
    const bytes = readVector(`peer/manifest/${name}.json`)

    expect(decodeUtf8(encodeManifest(parseManifest(bytes)))).toBe(decodeUtf8(bytes))
  })

  test.each([1, 2])("set %d of the history is written back byte for byte", (set) => {
    expect(decodeUtf8(encodeManifest(parseManifest(readSet(set))))).toBe(decodeUtf8(readSet(set)))
  })

  test("set 3, which has a line feed in front, is the manifest of set 1", () => {
    expect(parseManifest(readSet(3))).toEqual(parseManifest(readSet(1)))
  })

  test("their values that have still to be filled in are named", () => {
    const missing = (name: string): unknown =>
      missingReferenceValues(parseManifest(readVector(`peer/manifest/${name}.json`)))

    expect(missing("insecure-default")).toEqual([])
    expect(missing("snp-filled")).toEqual(
      ["TrustedMeasurement", "MinimumTCB.TEEVersion", "MinimumTCB.SNPVersion", "MinimumTCB.MicrocodeVersion"].map(
        (key) => `$.ReferenceValues.snp[0].${key}`,
      ),
    )
    expect(missing("tdx-empty")).toHaveLength(7)
  })

  test("those of the history are valid, save for a name that is neither DNS name nor address nor URI", () => {
    expect(
      refusalsOf(() => {
        validateManifest(parseManifest(readSet(2)))
      }),
    ).toEqual([
      ["SUBJECT_ALT_NAME", '$.Policies["be69cdb23c040a38146edbab43635460ae1c07d8c48bbeb0a58e7a8bca72311d"].SANs[5]'],
    ])
    expect(securityLevel(parseManifest(readSet(2)))).toBe("insecure")
  })

  test.each([
    ["workload-owner.pem", true],
    ["workload-owner-2.pem", true],
    ["seedshare-owner.pem", false],
    ["seedshare-owner-2048.pem", false],
  ])("the owner with the key %s is known as what it is", (name, isOfWorkload) => {
    const pem = decodeUtf8(readVector(`peer/history/keys/${name}`))
    const publicKey = encodeOwnerPublicKey(isOfWorkload ? parseWorkloadOwnerKey(pem) : parseSeedshareOwnerKey(pem))
    const manifest = parseManifest(readSet(1))

    expect([isWorkloadOwner(manifest, publicKey), isSeedshareOwner(manifest, publicKey)]).toEqual([
      isOfWorkload,
      !isOfWorkload,
    ])
  })
})

describeVectors("the history of the established implementation", () => {
  const signingKey = createSeedEngine(seed, salt).transactionSigningKey

  test("is walked from its end", async () => {
    const latest = parseLatestTransition(readVector("peer/history/store/transitions/latest"))

    const entries = await walkHistory(readObjects(readStore()), latest.transitionHash)

    expect(entries.map((entry) => encodeHex(entry.transitionHash))).toEqual(readFacts().transitions)
    expect(entries.map(({ manifestBytes }) => decodeUtf8(manifestBytes))).toEqual(
      SETS.map((set) => decodeUtf8(readSet(set))),
    )
  })

  test("is what ours would be", () => {
    const hashes = SETS.reduce<readonly Uint8Array[]>(
      (before, set) => [...before, transitionHash(nextTransition(readSet(set), before.at(-1) ?? new Uint8Array(32)))],
      [],
    )

    expect(hashes.map(encodeHex)).toEqual(readFacts().transitions)
  })

  test("has an end that is signed with the key of its seed", () => {
    const latest = parseLatestTransition(readVector("peer/history/store/transitions/latest"))

    expect(
      refusalsOf(() => {
        verifyLatestTransition(signingKey, latest)
      }),
    ).toEqual([])
    expect(encodeHex(latest.signature)).toBe(readFacts().latestSignatures[2])
  })

  test.each(SETS)("had an end that was signed with that key at set %d", (set) => {
    const { transitions, latestSignatures } = readFacts()
    const latest = {
      transitionHash: decodeHex(transitions[set - 1] ?? ""),
      signature: decodeHex(latestSignatures[set - 1] ?? ""),
    }

    expect(
      refusalsOf(() => {
        verifyLatestTransition(signingKey, latest)
      }),
    ).toEqual([])
  })

  test(
    "is refused with any bit of a transition flipped, or one in each byte of a manifest",
    async () => {
      const store = readStore()
      const { transitionHash: end } = parseLatestTransition(readVector("peer/history/store/transitions/latest"))
      store.delete("transitions/latest")

      for (const [key, bytes] of store) {
        const outcomes = new Set<string>()
        for (let bit = 0; bit < bytes.length * 8; bit += key.startsWith("transitions/") ? 1 : bitStep) {
          const flipped = bytes.slice()
          flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
          const { code, path } = await rejectionOf(walkHistory(readObjects(new Map(store).set(key, flipped)), end))
          outcomes.add(`${code} ${path}`)
        }
        expect(Array.from(outcomes)).toEqual([`HISTORY_HASH ${key}`])
      }
    },
    timeoutMs,
  )

  test(
    "has an end of which no flipped bit is accepted",
    () => {
      const bytes = readVector("peer/history/store/transitions/latest")
      const bits = Array.from({ length: bytes.length * 8 }, (_, bit) => bit).filter((bit) => bit % bitStep === 0)

      const accepted = bits.filter((bit) => {
        const flipped = bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
        const problems = refusalsOf(() => {
          verifyLatestTransition(signingKey, parseLatestTransition(flipped))
        })
        return problems.length === 0
      })

      expect(accepted).toEqual([])
    },
    timeoutMs,
  )

  test("was moved on by an owner's detached signature, which holds against the manifest before", () => {
    const { nextTransitionHashHexText, signatureDerHex } = readFacts().ownerSignatureOfSet3
    const signature = readVector("peer/history/set-3/transition.sig")

    expect(encodeHex(signature)).toBe(signatureDerHex)
    expect(
      refusalsOf(() => {
        verifyTransitionSignature(parseManifest(readSet(2)), decodeHex(nextTransitionHashHexText), signature)
      }),
    ).toEqual([])
    expect(
      refusalsOf(() => {
        verifyTransitionSignature(parseManifest(readSet(2)), sha256(signature), signature)
      }),
    ).toMatchObject([["OWNER_SIGNATURE", expect.any(String)]])
  })

  test("could be moved on by a signature of ours with the same key", () => {
    const key = parseWorkloadOwnerKey(decodeUtf8(readVector("peer/history/keys/workload-owner-2.pem")))
    const hash = decodeHex(readFacts().transitions[2] ?? "")

    expect(
      refusalsOf(() => {
        verifyTransitionSignature(parseManifest(readSet(2)), hash, signTransition(key, hash))
      }),
    ).toEqual([])
  })

  test("says where it ends as hex text", () => {
    expect(decodeUtf8(readVector("peer/history/latest-transition"))).toBe(readFacts().transitions[2])
  })
})
