import { encodeHex, encodeUtf8, sha256 } from "@contrast/crypto"
import fc from "fast-check"
import { describe, expect, test } from "@jest/globals"
import { type ContentKind, MAX_TRANSITIONS, NO_TRANSITION, requireContent, walkHistory } from "../src/index.ts"
import { createHistory } from "./support/histories.ts"
import { refusalsOf, rejectionOf } from "./support/refusals.ts"

describe("a history is walked", () => {
  test("from none at all", async () => {
    const { reader } = createHistory([])

    expect(await walkHistory(reader, NO_TRANSITION)).toEqual([])
  })

  test.each([1, 2, 63, 64, 65, 130])("with %d transitions, oldest first", async (count) => {
    const manifests = Array.from({ length: count }, (_, index) => `manifest ${index}`)
    const { reader, hashes } = createHistory(manifests)

    const entries = await walkHistory(reader, hashes.at(-1) ?? NO_TRANSITION)

    expect(entries.map(({ manifestBytes }) => manifestBytes)).toEqual(manifests.map(encodeUtf8))
    expect(entries.map(({ transitionHash }) => transitionHash)).toEqual(hashes)
    expect(entries.map(({ transition }) => transition)).toEqual(
      manifests.map((manifest, index) => ({
        manifestHash: sha256(encodeUtf8(manifest)),
        previousTransitionHash: hashes[index - 1] ?? NO_TRANSITION,
      })),
    )
  })

  test("in which a manifest comes again", async () => {
    const { reader, hashes } = createHistory(["a", "b", "a"])

    const entries = await walkHistory(reader, hashes[2] ?? NO_TRANSITION)

    expect(entries.map(({ manifestBytes }) => manifestBytes)).toEqual(["a", "b", "a"].map(encodeUtf8))
  })

  test("up to any of its transitions", async () => {
    const { reader, hashes } = createHistory(["a", "b", "c"])

    expect(await walkHistory(reader, hashes[1] ?? NO_TRANSITION)).toHaveLength(2)
  })

  test("with ten thousand transitions well within a second", async () => {
    const { reader, hashes } = createHistory(Array.from({ length: 10_000 }, (_, index) => `${index}`.padEnd(4000)))
    const start = process.cpuUsage()

    await walkHistory(reader, hashes.at(-1) ?? NO_TRANSITION)

    // Usually a quarter of a second; of the processor's time, since others may be using it too.
    const { user, system } = process.cpuUsage(start)
    expect(user + system).toBeLessThan(1_000_000)
  })

  test("as long as it is within the limit", async () => {
    const { reader, hashes } = createHistory(["a", "b", "c"])
    const latest = hashes[2] ?? NO_TRANSITION

    expect(await walkHistory(reader, latest, 3)).toHaveLength(3)
    expect(await rejectionOf(walkHistory(reader, latest, 2))).toMatchObject({
      code: "HISTORY_LENGTH",
      path: "transitions",
      message: "transitions: expected at most 2 transitions, there are more",
    })
  })

  test("no further than a fixed limit otherwise", () => {
    expect(MAX_TRANSITIONS).toBe(100_000)
  })
})

describe("a history is refused", () => {
  const good = createHistory(["a", "b", "c"])
  const [first = NO_TRANSITION, , latest = NO_TRANSITION] = good.hashes

  test.each<[string, Uint8Array]>([
    ["that does not exist", sha256()],
    ["whose end is too short a hash", latest.subarray(1)],
    ["whose end is no hash", new Uint8Array()],
  ])("%s", async (_title, end) => {
    expect(await rejectionOf(walkHistory(good.reader, end))).toMatchObject({
      code: "HISTORY_MISSING",
      path: `transitions/${encodeHex(end)}`,
    })
  })

  test("that ends in a manifest's hash", async () => {
    const { reader, objects } = createHistory(["a"])
    objects.set(`transitions/${encodeHex(sha256(encodeUtf8("a")))}`, encodeUtf8("a"))

    expect((await rejectionOf(walkHistory(reader, sha256(encodeUtf8("a"))))).code).toBe("TRANSITION_SIZE")
  })

  test.each(Array.from(good.objects.keys()))("without %s", async (key) => {
    const { reader, objects } = createHistory(["a", "b", "c"])
    objects.delete(key)

    expect(await rejectionOf(walkHistory(reader, latest))).toMatchObject({ code: "HISTORY_MISSING", path: key })
  })

  test.each(Array.from(good.objects.keys()))("with any bit flipped in %s, or a byte more or less", async (key) => {
    const { reader, objects } = createHistory(["a", "b", "c"])
    const bytes = objects.get(key) ?? new Uint8Array()
    const flipped = Array.from({ length: bytes.length * 8 }, (_, bit) =>
      bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)),
    )

    for (const bad of [
      ...flipped,
      bytes.subarray(1),
      bytes.subarray(0, -1),
      new Uint8Array([...bytes, 0]),
      new Uint8Array(),
    ]) {
      objects.set(key, bad)
      expect(await rejectionOf(walkHistory(reader, latest))).toMatchObject({ code: "HISTORY_HASH", path: key })
    }
  })

  test("in which one object stands for another", async () => {
    const { reader, objects } = createHistory(["a", "b", "c"])
    const keys = Array.from(objects.keys())

    for (const [index, key] of keys.entries()) {
      const others = new Map(objects)
      const other = keys[(index + 1) % keys.length] ?? ""
      objects.set(key, others.get(other) ?? new Uint8Array())
      expect((await rejectionOf(walkHistory(reader, latest))).code).toBe("HISTORY_HASH")
      objects.set(key, others.get(key) ?? new Uint8Array())
    }
  })

  test("that leads in a circle", async () => {
    const { reader, objects } = createHistory(["a", "b", "c"])
    const end = objects.get(`transitions/${encodeHex(latest)}`) ?? new Uint8Array()
    objects.set(`transitions/${encodeHex(first)}`, new Uint8Array([...end.subarray(0, 32), ...latest]))

    expect(await rejectionOf(walkHistory(reader, latest))).toMatchObject({
      code: "HISTORY_HASH",
      path: `transitions/${encodeHex(first)}`,
    })
  })

  test("whose store answers the same to everything", async () => {
    const answer = new Uint8Array(64)
    const reader = { manifest: () => Promise.resolve(answer), transition: () => Promise.resolve(answer) }

    expect((await rejectionOf(walkHistory(reader, latest))).code).toBe("HISTORY_HASH")
  })

  test("whose store answers anything", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (answer) => {
        const reader = { manifest: () => Promise.resolve(answer), transition: () => Promise.resolve(answer) }

        expect((await rejectionOf(walkHistory(reader, latest))).code).toBe("HISTORY_HASH")
      }),
    )
  })

  test("with the error of a store that fails", async () => {
    const failure = new Error("no answer")
    const transition = good.reader.transition.bind(good.reader)
    const reader = { manifest: () => Promise.reject(failure), transition }

    await expect(walkHistory(reader, latest)).rejects.toBe(failure)
  })
})

test.each<ContentKind>(["manifests", "policies", "transitions"])("an object of %s is what its hash says", (kind) => {
  const bytes = encodeUtf8("content")
  const hash = sha256(bytes)

  expect(requireContent(kind, hash, bytes)).toBe(bytes)
  expect(refusalsOf(() => requireContent(kind, hash, encodeUtf8("Content")))).toEqual([
    ["HISTORY_HASH", `${kind}/${encodeHex(hash)}`],
  ])
  expect(refusalsOf(() => requireContent(kind, hash, undefined))).toEqual([
    ["HISTORY_MISSING", `${kind}/${encodeHex(hash)}`],
  ])
})
