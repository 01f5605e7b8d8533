import { encodeUtf8 } from "@contrast/crypto"
import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { AttestationError, createInsecureIssuer, EVIDENCE_OIDS, type Validator } from "../src/index.ts"
import { createInsecureValidator } from "../src/insecure/validator.ts"

const RUNS = Number(process.env["FUZZ_RUNS"] ?? 300)
const now = new Date("2026-06-01T00:00:00Z")
const reportData = new Uint8Array(64).fill(7)
const hostData = new Uint8Array(32).fill(0xab)
const policies = new Map([["ab".repeat(32), { sans: ["web"] }]])
const validator: Validator = createInsecureValidator({ policies, demand: "named" })
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64")

async function codeOf(document: Uint8Array): Promise<string> {
  try {
    await validator.validate(document, { reportData, now })
    return "accepted"
  } catch (error) {
    if (error instanceof AttestationError) return error.code
    throw error
  }
}

test("evidence of this session is accepted and names the policy", async () => {
  const evidence = await createInsecureIssuer({ hostData }).issue(reportData)

  const attested = await validator.validate(evidence.document, { reportData, now })

  expect(evidence.oid).toBe(EVIDENCE_OIDS.insecure)
  expect(attested).toMatchObject({ platform: "insecure", policyHash: "ab".repeat(32) })
  expect(attested.claims()).toEqual([])
  expect(attested.verdict).toMatchObject({
    ...{ version: 1, platform: "insecure", accepted: true, now: "2026-06-01T00:00:00.000Z" },
    checks: [{ subject: "document.hostData" }, { subject: "document.reportData" }],
  })
})

test("evidence may be printed in another way, in up to 1,024 bytes", async () => {
  const text = JSON.stringify({ hostData: base64(hostData), reportData: base64(reportData) }, null, 2)

  expect(await codeOf(encodeUtf8(text.padEnd(1024)))).toBe("accepted")
  expect(await codeOf(encodeUtf8(text.padEnd(1025)))).toBe("EVIDENCE_FORM")
})

test("evidence of another session is refused with what was expected and what came", async () => {
  const { document } = await createInsecureIssuer({ hostData }).issue(new Uint8Array(64))

  const refusal = validator.validate(document, { reportData, now })

  await expect(refusal).rejects.toMatchObject({
    code: "REPORT_DATA",
    verdicts: [
      {
        checks: [
          { id: "HOST_DATA", outcome: "pass" },
          { id: "REPORT_DATA", outcome: "fail", expected: "07".repeat(64), actual: "00".repeat(64) },
        ],
      },
    ],
  })
})

test("an issuer takes host data of 32 bytes only", () => {
  expect(() => createInsecureIssuer({ hostData: new Uint8Array(31) })).toThrow(RangeError)
})

describe("a document is refused that", () => {
  const good = { reportData: base64(reportData), hostData: base64(hostData) }
  test.each<[string, string]>([
    ["is empty", ""],
    ["is no JSON", "{"],
    ["is no object", "[]"],
    ["is null", "null"],
    ["is text", '"x"'],
    ["lacks report data", JSON.stringify({ hostData: good.hostData })],
    ["lacks host data", JSON.stringify({ reportData: good.reportData })],
    ["has a third member", JSON.stringify({ ...good, more: 1 })],
    ["says host data twice", `{"hostData":"${base64(new Uint8Array(32))}",${JSON.stringify(good).slice(1)}`],
    ["has short report data", JSON.stringify({ ...good, reportData: base64(new Uint8Array(63)) })],
    ["has long host data", JSON.stringify({ ...good, hostData: base64(new Uint8Array(33)) })],
    ["has numbers", JSON.stringify({ ...good, hostData: 1 })],
    ["has bytes behind it", `${JSON.stringify(good)}x`],
    ["is too large", JSON.stringify(good) + " ".repeat(1024)],
  ])("%s", async (_title, text) => {
    expect(await codeOf(encodeUtf8(text))).toBe("EVIDENCE_FORM")
  })

  test("is not UTF-8", async () => {
    expect(await codeOf(Uint8Array.of(0xff, 0xfe))).toBe("EVIDENCE_FORM")
  })

  test("is arbitrary", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array(), fc.json().map(encodeUtf8)), async (document) => {
        expect(await codeOf(document)).toBe("EVIDENCE_FORM")
      }),
      { numRuns: RUNS },
    )
  })
})
