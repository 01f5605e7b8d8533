import { BinaryWriter } from "@bufbuild/protobuf/wire"
import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { AttestationError } from "../../src/index.ts"
import { parseSnpDocument } from "../../src/snp/document.ts"
import { createSnpValidator } from "../../src/snp/validator.ts"
import { issueCrl, issueLeaf, NOW, REPORT_DATA, signReport, values } from "./test-amd.ts"

const RUNS = Number(process.env["FUZZ_RUNS"] ?? 300)
const CRL_KEY = "00569ee4-e480-4fba-bbf4-45b629901180"
const report = signReport()
const leaf = issueLeaf().der
const crl = issueCrl()

/** The document as the established issuer writes it: field by field. */
function encode(raw: Uint8Array, change: (writer: BinaryWriter) => BinaryWriter = (writer) => writer): Uint8Array {
  const view = new DataView(raw.buffer, raw.byteOffset)
  const writer = new BinaryWriter()
  const bytes = (field: number, offset: number, size: number) =>
    writer.uint32((field << 3) | 2).bytes(raw.subarray(offset, offset + size))
  const u32 = (field: number, value: number) => writer.uint32(field << 3).uint32(value)
  const u64 = (field: number, offset: number) => writer.uint32(field << 3).uint64(view.getBigUint64(offset, true))
  for (const [field, offset] of [
    [1, 0],
    [2, 4],
    [6, 0x30],
    [7, 0x34],
    [10, 0x48],
  ] as const)
    u32(field, view.getUint32(offset, true))
  for (const [field, offset] of [
    [3, 8],
    [8, 0x38],
    [9, 0x40],
    [18, 0x180],
    [20, 0x1e0],
    [27, 0x1f0],
    [30, 0x1f8],
    [31, 0x200],
  ] as const)
    u64(field, offset)
  for (const [field, offset, size] of [
    [4, 0x10, 16],
    [5, 0x20, 16],
    [11, 0x50, 64],
    [12, 0x90, 48],
    [13, 0xc0, 32],
    [14, 0xe0, 48],
    [15, 0x110, 48],
    [16, 0x140, 32],
    [17, 0x160, 32],
    [19, 0x1a0, 64],
    [28, 0x2a0, 512],
  ] as const)
    bytes(field, offset, size)
  for (const [field, offset] of [
    [21, 0x1e8],
    [22, 0x1e9],
    [23, 0x1ea],
    [24, 0x1ec],
    [25, 0x1ed],
    [26, 0x1ee],
  ] as const)
    u32(field, raw[offset] ?? 0)
  u32(29, 0x00a00f11)
  const extra = new BinaryWriter().uint32(10).string(CRL_KEY).uint32(18).bytes(crl).finish()
  const chain = new BinaryWriter().uint32(10).bytes(leaf).uint32(58).bytes(extra).finish()
  return new BinaryWriter().uint32(10).bytes(change(writer).finish()).uint32(18).bytes(chain).finish()
}

async function codeOf(document: Uint8Array): Promise<string> {
  try {
    await createSnpValidator([{ path: "$.ReferenceValues.snp[0]", values }]).validate(document, {
      reportData: REPORT_DATA,
      now: NOW,
    })
    return "accepted"
  } catch (error) {
    if (error instanceof AttestationError) return error.code
    throw error
  }
}

test("a document gives the report back byte for byte, with leaf and revocation list", () => {
  const document = parseSnpDocument(encode(report))

  expect(Buffer.from(document.report).equals(report)).toBe(true)
  expect(document.vcek).toEqual(leaf)
  expect(document.crl).toEqual(crl)
})

test("a document whose authorities are not AMD's is refused with its verdict", async () => {
  const refusal = createSnpValidator([{ path: "$.ReferenceValues.snp[0]", values }]).validate(encode(report), {
    reportData: REPORT_DATA,
    now: NOW,
  })

  await expect(refusal).rejects.toMatchObject({
    code: "EVIDENCE_REFUSED",
    verdicts: [{ platform: "snp", accepted: false, referenceValue: "$.ReferenceValues.snp[0]" }],
  })
})

describe("a document is refused by its form", () => {
  test.each<[string, Uint8Array]>([
    ["with a short field", encode(report, (writer) => writer.uint32((11 << 3) | 2).bytes(new Uint8Array(63)))],
    ["with a number too large for its field", encode(report, (writer) => writer.uint32(21 << 3).uint32(256))],
    ["cut short", encode(report).subarray(0, 700)],
    [
      "with a leaf that is no certificate",
      new BinaryWriter()
        .uint32(18)
        .bytes(new BinaryWriter().uint32(10).bytes(Uint8Array.of(1)).finish())
        .finish(),
    ],
  ])("%s", async (_title, document) => {
    expect(await codeOf(document)).toBe("EVIDENCE_FORM")
  })

  test("never otherwise than by a refusal", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), async (document) => {
        expect(["EVIDENCE_FORM", "EVIDENCE_REFUSED"]).toContain(await codeOf(document))
      }),
      { numRuns: RUNS },
    )
  })
})
