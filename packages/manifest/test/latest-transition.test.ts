import { createPublicKey } from "node:crypto"
import { createSeedEngine, sha256 } from "@contrast/crypto"
import fc from "fast-check"
import { describe, expect, test } from "@jest/globals"
import {
  encodeLatestTransition,
  parseLatestTransition,
  signLatestTransition,
  verifyLatestTransition,
} from "../src/index.ts"
import { refusalsOf } from "./support/refusals.ts"

const { transactionSigningKey } = createSeedEngine(new Uint8Array(64).fill(1), new Uint8Array(32).fill(2))
const other = createSeedEngine(new Uint8Array(64).fill(3), new Uint8Array(32).fill(2)).transactionSigningKey
const latest = signLatestTransition(transactionSigningKey, sha256())
const bytes = encodeLatestTransition(latest)

function refusals(key = transactionSigningKey, signed = latest): unknown {
  return refusalsOf(() => {
    verifyLatestTransition(key, signed)
  })
}

function isAccepted(some: Uint8Array): boolean {
  const problems = refusalsOf(() => {
    verifyLatestTransition(transactionSigningKey, parseLatestTransition(some))
  })
  return problems.length === 0
}

describe("the latest transition", () => {
  test("is accepted with its signature", () => {
    expect(refusals()).toEqual([])
    expect(refusals(createPublicKey(transactionSigningKey))).toEqual([])
  })

  test("is the transition hash, then the signature", () => {
    expect(bytes.subarray(0, 32)).toEqual(sha256())
    expect(bytes.subarray(32)).toEqual(latest.signature)
  })

  test("reads back the same, apart from the bytes it was read from", () => {
    const copy = Buffer.from(bytes)
    const read = parseLatestTransition(copy)

    copy.fill(0)

    expect(read).toEqual(latest)
  })

  test("is refused with the key of another seed", () => {
    expect(refusals(other)).toEqual([["HISTORY_SIGNATURE", "transitions/latest"]])
  })

  test("is refused with the signature of another transition", () => {
    const { signature } = signLatestTransition(transactionSigningKey, sha256(sha256()))

    expect(refusals(transactionSigningKey, { ...latest, signature })).toEqual([
      ["HISTORY_SIGNATURE", "transitions/latest"],
    ])
  })

  test("is refused with any byte changed", () => {
    const accepted = Array.from(bytes.keys()).filter((index) => {
      const changed = bytes.map((byte, at) => (at === index ? byte ^ (1 << (index & 7)) : byte))
      return isAccepted(changed)
    })

    expect(accepted).toEqual([])
  })

  test("is refused when it is cut anywhere, or goes on", () => {
    const cut = Array.from(bytes.keys(), (size) => bytes.subarray(0, size))
    const accepted = [...cut, new Uint8Array([...bytes, 0])].filter(isAccepted)

    expect(accepted).toEqual([])
  })

  test.each([
    ["empty", 0],
    ["without signature", 32],
    ["longer than any", 137],
  ])("is not read when it is %s", (_title, size) => {
    expect(refusalsOf(() => parseLatestTransition(new Uint8Array(size)))).toEqual([
      ["LATEST_TRANSITION_SIZE", "transitions/latest"],
    ])
  })

  test.each([33, 136])("is read with %d bytes, whatever they are", (size) => {
    expect(parseLatestTransition(new Uint8Array(size)).signature).toHaveLength(size - 32)
  })

  test("has a signature that fits for every hash", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (hash) => {
        const signed = signLatestTransition(transactionSigningKey, hash)

        expect(parseLatestTransition(encodeLatestTransition(signed))).toEqual(signed)
      }),
      { numRuns: 20 },
    )
  })
})
