import { decodeHex, encodeHex, encodeUtf8, sha256 } from "@contrast/crypto"
import fc from "fast-check"
import { describe, expect, test } from "@jest/globals"
import { NO_TRANSITION, encodeTransition, nextTransition, parseTransition, transitionHash } from "../src/index.ts"
import { refusalsOf } from "./support/refusals.ts"

const hash = (): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: 32, maxLength: 32 })

describe("a transition", () => {
  test("has the published hash", () => {
    const transition = nextTransition(encodeUtf8("{}\n"), NO_TRANSITION)

    expect(encodeHex(transition.manifestHash)).toBe("ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356")
    expect(encodeHex(transitionHash(transition))).toBe(
      "fe065c75b3fea47bf4b6effe8639ad25904822da1321584bf4b1254a33f05818",
    )
  })

  test("is the manifest hash, then the hash of the transition before", () => {
    const [manifestHash, previousTransitionHash] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]

    const bytes = encodeTransition({ manifestHash, previousTransitionHash })

    expect(encodeHex(bytes)).toBe("01".repeat(32) + "02".repeat(32))
    expect(transitionHash({ manifestHash, previousTransitionHash })).toEqual(sha256(bytes))
  })

  test("follows the one before", () => {
    const first = transitionHash(nextTransition(encodeUtf8("{}\n"), NO_TRANSITION))

    expect(nextTransition(encodeUtf8("{}\n"), first).previousTransitionHash).toEqual(first)
  })

  test("reads back the same", () => {
    fc.assert(
      fc.property(hash(), hash(), (manifestHash, previousTransitionHash) => {
        const transition = { manifestHash, previousTransitionHash }

        expect(parseTransition(encodeTransition(transition))).toEqual(transition)
      }),
    )
  })

  test("does not change with the bytes that it was read from", () => {
    const bytes = Buffer.alloc(64)
    const transition = parseTransition(bytes)

    bytes.fill(0xff)

    expect(transition).toEqual({ manifestHash: NO_TRANSITION, previousTransitionHash: NO_TRANSITION })
  })

  test.each([
    ["empty", 0],
    ["one hash", 32],
    ["one byte short", 63],
    ["one byte long", 65],
    ["two of them", 128],
  ])("is refused when it is %s", (_title, size) => {
    expect(refusalsOf(() => parseTransition(new Uint8Array(size)))).toEqual([["TRANSITION_SIZE", "transitions"]])
  })

  test.each([31, 33])("is not made of a hash of %d bytes", (size) => {
    const [good, bad] = [NO_TRANSITION, new Uint8Array(size)]

    expect(() => encodeTransition({ manifestHash: bad, previousTransitionHash: good })).toThrow(RangeError)
    expect(() => encodeTransition({ manifestHash: good, previousTransitionHash: bad })).toThrow(RangeError)
  })
})

test("the hash before the first transition is 32 zero bytes", () => {
  expect(NO_TRANSITION).toEqual(decodeHex("00".repeat(32)))
})
