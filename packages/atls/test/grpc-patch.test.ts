import { expect, test } from "@jest/globals"
// Nothing of gRPC's own API shows what it keeps.
import { StreamDecoder } from "@grpc/grpc-js/build/src/stream-decoder.js"

/** With memory of its own. */
const chunk = (...bytes: readonly number[]) => Buffer.from(Uint8Array.from(bytes).buffer)

test("gRPC keeps no chunk of a message that is complete", () => {
  const decoder = new StreamDecoder(100)
  const chunks = [chunk(0, 0, 0, 0, 3, 1), chunk(2), chunk(3)]

  const messages = chunks.flatMap((bytes) => decoder.write(bytes))

  expect(messages).toEqual([Buffer.of(0, 0, 0, 0, 3, 1, 2, 3)])
  const fields: readonly unknown[] = Object.values(decoder as object).flat()
  const kept = fields.filter((value) => Buffer.isBuffer(value))
  expect(kept.filter(({ buffer }) => chunks.some((bytes) => bytes.buffer === buffer))).toEqual([])
})
