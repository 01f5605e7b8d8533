import { randomBytes } from "node:crypto"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { expect, test } from "@jest/globals"
import { BodyParts } from "../../src/transit/body-parts.ts"

/** Bytes cut into parts of these sizes in turn. */
function cut(bytes: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] {
  const parts: Uint8Array[] = []
  for (let offset = 0, turn = 0; offset < bytes.length; turn += 1) {
    const end = offset + (sizes[turn % sizes.length] ?? 1)
    parts.push(bytes.subarray(offset, end))
    offset = end
  }
  return parts
}

test.each<[string, number, readonly number[]]>([
  ["nothing", 0, [1]],
  ["one part", 100, [100]],
  ["few large ones", 200_000, [65_536, 16_384]],
  ["single bytes", 100_000, [1]],
  ["small ones that do not fill a block", 500_000, [2047, 3, 1021]],
  ["large and small ones in turn", 500_000, [2048, 1, 1, 16_384, 2047]],
])("%s are joined as they came", (_title, size, sizes) => {
  const bytes = randomBytes(size)
  const parts = new BodyParts()

  for (const part of cut(bytes, sizes)) parts.add(part)

  expect(parts.size).toBe(size)
  expect(Buffer.compare(parts.join(), bytes)).toBe(0)
})

test("one part is not copied", () => {
  const part = new Uint8Array(100)
  const parts = new BodyParts()

  parts.add(part)

  expect(parts.join()).toBe(part)
})

test("single bytes are not held one by one", () => {
  const parts = new BodyParts()
  const before = heldBytes()

  for (let count = 0; count < 500_000; count += 1) parts.add(Buffer.allocUnsafeSlow(1))

  expect(heldBytes() - before).toBeLessThan(5_000_000)
  expect(parts.join()).toHaveLength(500_000)
})

/** What is in use and no garbage. */
function heldBytes(): number {
  setFlagsFromString("--expose-gc")
  const collectGarbage = runInNewContext("gc") as () => void // what the flag puts there
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
