import { BinaryWriter } from "@bufbuild/protobuf/wire"
import { describe, expect, test } from "@jest/globals"
import { concatBytes } from "@contrast/crypto"
import { issueAmdCrl, issueAmdLeaf } from "@contrast/test-authority"
import fc from "fast-check"
import { AttestationError, isRefusalCode } from "../../src/index.ts"
import { encodeSnpDocument } from "../../src/snp/document-encoding.ts"
import { parseSnpDocument } from "../../src/snp/document.ts"
import { createSnpValidator } from "../../src/snp/validator.ts"
import { NOW, PATH, POLICY, REPORT_DATA, signReport, values } from "./played.ts"

const RUNS = Number(process.env["FUZZ_RUNS"] ?? 300)
const report = signReport()
const leaf = issueAmdLeaf()
const crl = issueAmdCrl()

const encode = (changed: Uint8Array = report): Uint8Array => encodeSnpDocument({ report: changed, vcek: leaf, crl })

/** A message with one field more; protobuf lets the last one win. */
function withReportField(write: (writer: BinaryWriter) => BinaryWriter): Uint8Array {
  const message = write(new BinaryWriter()).finish()
  return concatBytes(encode(), new BinaryWriter().uint32(10).bytes(message).finish())
}

async function codeOf(document: Uint8Array): Promise<string> {
  try {
    await createSnpValidator([{ path: PATH, values }], POLICY).validate(document, {
      reportData: REPORT_DATA,
      now: NOW,
    })
    return "accepted"
  } catch (error) {
    if (error instanceof AttestationError) return error.code
    throw error
  }
}

/** In go-sev-guest's `SevProduct`: the name's number, and the stepping as a wrapped number. */
test.each([
  ["Milan", 1],
  ["Genoa", 2],
  ["Turin", 3],
] as const)("a document names %s, and its stepping", (line, name) => {
  const made = signReport({ line })
  const stepping = made[0x18a] ?? 0
  const product = Buffer.of(0x1a, 6, 0x08, name, 0x1a, 2, 0x08, stepping)

  expect(Buffer.from(encodeSnpDocument({ report: made })).subarray(-product.length)).toEqual(product)
})

test("a document gives the report back byte for byte, with leaf and revocation list", () => {
  const document = parseSnpDocument(encode())

  expect(Buffer.from(document.report).equals(report)).toBe(true)
  expect(document.vcek).toEqual(leaf)
  expect(document.crl).toEqual(crl)
})

test("a document whose authorities are not AMD's is refused with its verdict", async () => {
  const refusal = createSnpValidator([{ path: PATH, values }], POLICY).validate(encode(), {
    reportData: REPORT_DATA,
    now: NOW,
  })

  await expect(refusal).rejects.toMatchObject({
    code: "SNP_VEK_SIGNATURE",
    verdicts: [{ platform: "snp", accepted: false, referenceValue: PATH }],
  })
})

describe("a document is refused by its form", () => {
  test.each<[string, Uint8Array]>([
    ["with a short field", withReportField((writer) => writer.uint32((11 << 3) | 2).bytes(new Uint8Array(63)))],
    ["with a number too large for its field", withReportField((writer) => writer.uint32(21 << 3).uint32(256))],
    // Family 270: CPUID adds 15 and 255, and the report has one byte.
    ["with a family over 255", withReportField((writer) => writer.uint32(29 << 3).uint32(0x0ff00f00))],
    ["cut short", encode().subarray(0, 700)],
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
        expect(isRefusalCode(await codeOf(document))).toBe(true)
      }),
      { numRuns: RUNS },
    )
  })
})
