import { encodeHex, sha384 } from "@contrast/crypto"
import { describe, expect, test } from "@jest/globals"
import { idKeyDigest } from "../../src/snp/id-key.ts"
import { extendDigest, vmsaPage } from "../../src/snp/launch-digest.ts"
import { found, readBytes } from "./vectors.ts"

// Computed besides with an implementation of P-384 in Python's own numbers. Of the two keys that fit, the one of the even point
// is smaller in the first case, and larger in the second.
test.each([
  [1, "509a5e09cffe0f5dd47d401e719f2d1b72a5e5bd8f3a92ffd9b3a436c3f461102b2e8ed95579e467e112f98a5adea4d3"],
  [2, "a8a10b488d5906b28393430d451e8ea27e4ef590824036c50266ece3bff1a4e57da6e4e199802d71d7c9749627116d56"],
])("the ID key's digest follows from measurement and policy, where bytes count from %i", (first, digest) => {
  const measurement = Uint8Array.from({ length: 48 }, (_, index) => index + first)

  expect(encodeHex(idKeyDigest(measurement, 0x30000n))).toBe(digest)
})

interface LaunchDigest {
  readonly seed: string
  readonly apEip: string
  readonly cpuSignature: string
  readonly vcpus: number
  readonly digest: string
}

const suite = found ? describe : describe.skip

suite(`launch digests${found ? "" : " (skipped: outside vectors not found)"}`, () => {
  test("of further processors agree with another implementation", () => {
    const text = Buffer.from(readBytes("virtee-sev/launch-digest.json")).toString("utf8")
    const { seed, apEip, cpuSignature, vcpus, digest } = JSON.parse(text) as LaunchDigest
    const page = sha384(vmsaPage(Number.parseInt(apEip, 16), Number.parseInt(cpuSignature, 16)))

    let extended: Uint8Array = Buffer.from(seed, "hex")
    for (let count = 1; count < vcpus; count += 1) extended = extendDigest(extended, page)

    expect(encodeHex(extended)).toBe(digest)
  })
})
