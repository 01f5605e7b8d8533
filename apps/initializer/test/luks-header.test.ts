import { expect, test } from "@jest/globals"
import { HEADER_COPY_BYTES } from "../src/luks.ts"
import { verifyHeader } from "../src/luks-header.ts"
import { codeOf } from "./support/code-of.ts"
import { luksHeader, METADATA, withChecksums } from "./support/luks-sample.ts"

test("accepts the header that cryptsetup writes for our parameters", () => {
  expect(() => {
    verifyHeader(luksHeader())
  }).not.toThrow()
})

test.each<[string, (header: Uint8Array) => Uint8Array]>([
  ["is empty", () => new Uint8Array(0)],
  ["is one byte short", (header) => header.subarray(0, header.length - 1)],
  ["has a trailing byte", (header) => Buffer.concat([header, Buffer.alloc(1)])],
  ["has another magic", (header) => header.fill(0x4d, 0, 1)],
  ["is of version 1", (header) => header.fill(1, 7, 8)],
  ["has another size", (header) => header.fill(0x80, 14, 15)],
  ["has a label", (header) => header.fill(0x61, 24, 25)],
  ["has a subsystem", (header) => header.fill(0x61, 208, 209)],
  ["has another checksum algorithm", (header) => header.fill(0x35, 75, 76)],
  ["has hidden text behind the checksum algorithm", (header) => header.fill(0x61, 90, 91)],
  ["has no UUID", (header) => header.fill(0, 168, 208)],
  ["lies elsewhere", (header) => header.fill(1, 262, 263)],
  ["uses the padding before the checksum", (header) => header.fill(1, 300, 301)],
  ["uses the padding behind the checksum", (header) => header.fill(1, 4095, 4096)],
  ["has bytes behind its metadata", (header) => header.fill(0x20, HEADER_COPY_BYTES - 1, HEADER_COPY_BYTES)],
  ["has no second copy", (header) => header.fill(0, HEADER_COPY_BYTES, 2 * HEADER_COPY_BYTES)],
  ["has a newer second copy", (header) => header.fill(4, HEADER_COPY_BYTES + 23, HEADER_COPY_BYTES + 24)],
  [
    "has another UUID in its second copy",
    (header) => header.fill(0x31, HEADER_COPY_BYTES + 168, HEADER_COPY_BYTES + 169),
  ],
  [
    "has other metadata in its second copy",
    (header) => header.fill(0x31, HEADER_COPY_BYTES + 4096 + 42, HEADER_COPY_BYTES + 4096 + 43),
  ],
  [
    "has metadata that is not UTF-8",
    (header) => header.fill(0xff, 4096, 4097).fill(0xff, HEADER_COPY_BYTES + 4096, HEADER_COPY_BYTES + 4097),
  ],
])("refuses a header that %s, though its checksums hold", (_name, change) => {
  const changed = change(luksHeader())
  const sealed = changed.length > 2 * HEADER_COPY_BYTES ? withChecksums(changed) : changed

  expect(
    codeOf(() => {
      verifyHeader(sealed)
    }),
  ).toBe("VOLUME_HEADER")
})

test.each([0, 4, 100, 170, 450, 4096, 4200, HEADER_COPY_BYTES + 5000])(
  "refuses a header with a flipped bit at byte %d",
  (offset) => {
    const header = luksHeader()
    header[offset] = (header[offset] ?? 0) ^ 1

    expect(
      codeOf(() => {
        verifyHeader(header)
      }),
    ).toBe("VOLUME_HEADER")
  },
)

test.each([
  [
    "a null cipher in the segment",
    '"iv_tweak":"0","encryption":"aes-xts-plain64"',
    '"iv_tweak":"0","encryption":"cipher_null-ecb"',
    '$.segments.0.encryption: expected "aes-xts-plain64", got "cipher_null-ecb"',
  ],
  [
    "a null cipher in the key slot",
    '"size":"385024","encryption":"aes-xts-plain64"',
    '"size":"385024","encryption":"cipher_null-ecb"',
    "$.keyslots.0.area.encryption",
  ],
  [
    "no integrity",
    ',"integrity":{"type":"hmac(sha256)","journal_encryption":"none","journal_integrity":"none"}',
    "",
    "$.segments.0.integrity is missing",
  ],
  ["another integrity", "hmac(sha256)", "none", "$.segments.0.integrity.type"],
  ["a segment flag", '"iv_tweak"', '"flags":["x"],"iv_tweak"', "$.segments.0.flags must not be there"],
  ["a linear segment", '"type":"crypt"', '"type":"linear"', "$.segments.0.type"],
  ["a segment elsewhere", '"16777216"', '"16781312"', "$.segments.0.offset"],
  ["a segment of fixed size", '"dynamic"', '"4096"', "$.segments.0.size"],
  ["a smaller sector", '"sector_size":4096', '"sector_size":512', "$.segments.0.sector_size"],
  ["a second key slot", '"tokens"', '"x":0,"tokens"', "$.x must not be there"],
  [
    "a token",
    '"tokens":{}',
    '"tokens":{"0":{"type":"luks2-keyring","keyslots":["0"],"key_description":"theirs"}}',
    "$.tokens.0 must not be there",
  ],
  [
    "a requirement",
    '"keyslots_size":"16744448"',
    '"keyslots_size":"16744448","requirements":{"mandatory":["x"]}',
    "$.config.requirements must not be there",
  ],
  ["a cheaper key slot", '"memory":10240', '"memory":32', "$.keyslots.0.kdf.memory"],
  ["an endless key slot", '"time":26', '"time":4294967295', "$.keyslots.0.kdf.time"],
  ["another key derivation", '"argon2id"', '"pbkdf2"', "$.keyslots.0.kdf.type"],
  ["an empty salt", "yCv3CxD2HYUkb5/UXO2q2CvmQJqOGk4juCbC2EkJO88=", "", "$.keyslots.0.kdf.salt"],
  ["a short digest", "X2J1WZTqHSHZB/JUz2AIzcNnwKUeRxv0LVV/p/t6fYQ=", "X2J1", "$.digests.0.digest"],
  ["a digest for no segment", '"segments":["0"]', '"segments":[]', "$.digests.0.segments.0 is missing"],
  ["a list where an object belongs", '"tokens":{}', '"tokens":[]', "$.tokens: expected an object"],
  ["nothing where an object belongs", '"tokens":{}', '"tokens":null', "$.tokens: expected an object"],
  ["a number as text", '"stripes":4000', '"stripes":"4000"', "$.keyslots.0.af.stripes"],
  ["a duplicate member", '"tokens":{}', '"tokens":{"0":{}},"tokens":{}', "without duplicate members"],
  ["white space", '"tokens":{}', '"tokens": {}', "compact JSON"],
])("refuses metadata with %s and names the member", (_name, from, to, message) => {
  const header = luksHeader(METADATA.replace(from, to))

  expect(() => {
    verifyHeader(header)
  }).toThrow(message)
})

test("refuses a second segment, second key slot and second digest by name", () => {
  const value = JSON.parse(METADATA) as Record<string, Record<string, unknown>>
  for (const part of ["segments", "keyslots", "digests"]) {
    const changed = { ...value, [part]: { ...value[part], "1": value[part]?.["0"] } }

    expect(() => {
      verifyHeader(luksHeader(JSON.stringify(changed)))
    }).toThrow(`$.${part}.1 must not be there`)
  }
})

test("refuses text that is not JSON", () => {
  expect(
    codeOf(() => {
      verifyHeader(luksHeader("{"))
    }),
  ).toBe("VOLUME_HEADER")
})
