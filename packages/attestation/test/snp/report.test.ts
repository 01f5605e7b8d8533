import { encodeHex } from "@contrast/crypto"
import { expect, test } from "@jest/globals"
import { findReservedBitsSet, parseReport, REPORT_BYTES, tcbOf } from "../../src/snp/report.ts"

/** Every byte another than its neighbours, so that no field can be read from a wrong place. */
const raw = Uint8Array.from({ length: REPORT_BYTES }, (_, offset) => (offset * 7 + (offset >> 8)) & 0xff)
const bytes = (offset: number, size: number): Uint8Array => raw.subarray(offset, offset + size)
const u64 = (offset: number): bigint => BigInt(`0x${encodeHex(bytes(offset, 8).toReversed())}`)
const u32 = (offset: number): number => Number(u64(offset) & 0xffff_ffffn)

// SEV-SNP Firmware ABI, table "ATTESTATION_REPORT".
test("reads each field from its place", () => {
  expect(parseReport(raw)).toMatchObject({
    raw,
    version: u32(0x000),
    guestSvn: u32(0x004),
    policy: u64(0x008),
    familyId: bytes(0x010, 16),
    imageId: bytes(0x020, 16),
    vmpl: u32(0x030),
    signatureAlgorithm: u32(0x034),
    platformInfo: u64(0x040),
    reportData: bytes(0x050, 64),
    measurement: bytes(0x090, 48),
    hostData: bytes(0x0c0, 32),
    idKeyDigest: bytes(0x0e0, 48),
    authorKeyDigest: bytes(0x110, 48),
    reportId: bytes(0x140, 32),
    reportIdMa: bytes(0x160, 32),
    chipId: bytes(0x1a0, 64),
    tcb: { current: bytes(0x038, 8), reported: bytes(0x180, 8), committed: bytes(0x1e0, 8), launch: bytes(0x1f0, 8) },
    currentFirmware: [raw[0x1ea], raw[0x1e9], raw[0x1e8]],
    committedFirmware: [raw[0x1ee], raw[0x1ed], raw[0x1ec]],
    launchMitigationVector: u64(0x1f8),
    currentMitigationVector: u64(0x200),
    cpuid: { family: raw[0x188], model: raw[0x189], stepping: raw[0x18a] },
  })
})

test.each([
  [0b000_0_0, { authorKeyEnabled: false, maskChipKey: false, signingKey: "VCEK", signingKeyField: 0 }],
  [0b001_0_1, { authorKeyEnabled: true, maskChipKey: false, signingKey: "VLEK", signingKeyField: 1 }],
  [0b111_1_0, { authorKeyEnabled: false, maskChipKey: true, signingKey: undefined, signingKeyField: 7 }],
])("reads key information %i", (keyInfo, expected) => {
  const report = new Uint8Array(REPORT_BYTES)
  report[0x48] = keyInfo

  expect(parseReport(report)).toMatchObject(expected)
})

test.each([REPORT_BYTES - 1, REPORT_BYTES + 1])("reads no report of %i bytes", (size) => {
  expect(() => parseReport(new Uint8Array(size))).toThrow(RangeError)
})

// What is neither read nor reserved is the signature.
test.each([2, 3, 5])("names each reserved range of version %i at its first and its last byte", (version) => {
  const ranges: readonly (readonly [number, number])[] = [
    ...([
      [0x4c, 0x4f],
      [0x18b, 0x19f],
      [0x1eb, 0x1eb],
      [0x1ef, 0x1ef],
      [0x208, 0x29f],
      [0x330, 0x49f],
    ] as const),
    ...(version < 3 ? ([[0x188, 0x18a]] as const) : []),
    ...(version < 5 ? ([[0x1f8, 0x207]] as const) : []),
  ]
  const named = (offset: number): readonly string[] => {
    const bytes = new Uint8Array(REPORT_BYTES)
    bytes[0] = version
    bytes[offset] = 0x80
    return findReservedBitsSet(parseReport(bytes))
  }

  for (const [first, last] of ranges) {
    const place = `bytes 0x${first.toString(16)} to 0x${last.toString(16)}`
    expect([named(first), named(last)]).toEqual([[place], [place]])
  }
  expect(named(0x49)).toEqual(["KEY_INFO bits 31:5"])
  const all = Array.from({ length: REPORT_BYTES - 4 }, (_, index) => index + 4).filter(
    (offset) => named(offset).length > 0,
  )
  const keyInfo = [0x48, 0x49, 0x4a, 0x4b]
  const listed = ranges.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  )
  expect(all).toEqual([...keyInfo, ...listed].toSorted((a, b) => a - b))
})

test.each([
  ["Milan", { bootloader: 1, tee: 2, snp: 7, microcode: 8 }, [2, 3, 4, 5]],
  ["Genoa", { bootloader: 1, tee: 2, snp: 7, microcode: 8 }, [2, 3, 4, 5]],
  ["Turin", { fmc: 1, bootloader: 2, tee: 3, snp: 4, microcode: 8 }, [4, 5, 6]],
] as const)("reads a TCB version in the layout of %s, and none with a spare byte", (line, expected, spare) => {
  const report = new Uint8Array(REPORT_BYTES)
  const used = Uint8Array.from({ length: 8 }, (_, offset) =>
    (spare as readonly number[]).includes(offset) ? 0 : offset + 1,
  )
  report.set(used, 0x180)
  expect(tcbOf(parseReport(report), "reported", line)).toEqual(expected)

  for (const offset of spare) {
    report.set(used, 0x180)
    report[0x180 + offset] = 1
    expect(tcbOf(parseReport(report), "reported", line)).toBeUndefined()
  }
})
