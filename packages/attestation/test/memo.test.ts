import { expect, test } from "@jest/globals"
import { memoize } from "../src/memo.ts"

function countingReader(maxEntries?: number) {
  const reads: number[] = []
  const read = memoize((bytes: Uint8Array) => {
    if (bytes.length === 0) throw new RangeError("nothing to read")
    reads.push(bytes.length)
    return bytes
  }, maxEntries)
  return { read, reads }
}

test.each([
  ["an array", Uint8Array.of(1, 2)],
  // Its slices share its bytes.
  ["a Buffer", Buffer.of(1, 2)],
])("the same bytes are read once, and later changes to %s of them do not matter", (_name, bytes) => {
  const { read, reads } = countingReader()
  const first = read(bytes)

  bytes[0] = 9

  expect(first).toEqual(Uint8Array.of(1, 2))
  expect(read(Uint8Array.of(1, 2))).toBe(first)
  expect(read(bytes)).toEqual(Uint8Array.of(9, 2))
  expect(reads).toEqual([2, 2])
})

test("what was not used for longest is forgotten first", () => {
  const { read, reads } = countingReader(2)

  for (const size of [1, 2, 1, 3, 1, 2]) read(new Uint8Array(size))

  expect(reads).toEqual([1, 2, 3, 2])
})

test("a refusal is not remembered", () => {
  const { read } = countingReader()

  expect(() => read(new Uint8Array(0))).toThrow(RangeError)
  expect(() => read(new Uint8Array(0))).toThrow(RangeError)
})
