import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire"
import { encodeHex } from "@contrast/crypto"
import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import {
  AttestationError,
  encodeTdxDocument,
  findIntelQuery,
  isRefusalCode,
  NO_COLLATERAL,
  parseTdxDocument,
  parseTdxQuote,
  type CollateralSource,
  type Freshness,
} from "../../src/index.ts"
import { createTdxValidator } from "../../src/tdx/validator.ts"
import { ANY_POLICY } from "../snp/neutral.ts"
import { neutralExpectation } from "./neutral.ts"
import { found, readBytes, readCases, readCollateral } from "./vectors.ts"

const RUNS = Number(process.env["FUZZ_RUNS"] ?? 300)
const suite = found ? describe : describe.skip
const quotes = readCases().filter(({ id }) => id.startsWith("tdx-"))
const PATH = "ReferenceValues.tdx[0]"

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return "accepted"
  } catch (error) {
    if (error instanceof AttestationError) return error.code
    throw error
  }
}

suite(`evidence documents of TDX${found ? "" : " (skipped: outside vectors not found)"}`, () => {
  const good = found ? readBytes("dcap-qvl/tdx_quote") : new Uint8Array(0)
  const collateral = readCollateral({ bundle: "dcap-qvl/tdx_quote_collateral.json" })
  const { values, reportData } = neutralExpectation(good)
  const context = { reportData, now: new Date("2025-06-25T00:00:00Z") }

  /** A source that has nothing until it is asked to refresh, and remembers what it was asked. */
  const lateSource = (asked: Freshness[]): CollateralSource => ({
    ...NO_COLLATERAL,
    intel: (_query, freshness) => {
      asked.push(freshness)
      return freshness === "refresh" ? Promise.resolve(collateral) : NO_COLLATERAL.intel(_query, freshness)
    },
  })

  test.each(quotes.map(({ id, quote }) => [id, quote] as const))("%s comes back byte for byte", (_id, place) => {
    const quote = readBytes(place)

    expect(Buffer.from(parseTdxDocument(encodeTdxDocument(quote))).equals(quote)).toBe(true)
  })

  test("a quote of SGX has no document", () => {
    expect(() => encodeTdxDocument(readBytes("dcap-qvl/sgx_quote"))).toThrow(
      expect.objectContaining({ code: "TDX_QUOTE_VERSION" }),
    )
  })

  test("the query names the platform's family and its authority", () => {
    const query = findIntelQuery(good)

    expect(query && encodeHex(query.fmspc)).toBe("b0c06f000000")
    expect(query?.ca).toBe("platform")
    expect(findIntelQuery(good.subarray(0, 4000))).toBeUndefined()
  })

  test("collateral that is missing is asked for once more, and the claims are stated", async () => {
    const asked: Freshness[] = []
    const validator = createTdxValidator([{ path: PATH, values }], ANY_POLICY, { collateral: lateSource(asked) })

    const { claims, policyHash, verdict } = await validator.validate(encodeTdxDocument(good), context)

    expect(asked).toEqual(["cached", "refresh"])
    expect(verdict.accepted).toBe(true)
    expect(policyHash).toBe("00".repeat(32))
    const stated = claims()
    const arcs = stated.map(({ oid }) => Number(oid.slice("1.3.9901.2.2.".length)))
    expect(arcs).toEqual(Array.from({ length: 47 }, (_, index) => index + 1).filter((arc) => arc !== 28))
    const valueOf = (arc: number) => encodeHex(stated.find(({ oid }) => oid === `1.3.9901.2.2.${arc}`)?.value ?? good)
    expect(valueOf(1)).toBe("020104")
    expect(valueOf(12)).toBe("04080000001000000000")
    const certificationBytes = Buffer.from(good).readUInt32LE(48 + 584 + 4 + 128 + 2)
    expect(Number.parseInt(valueOf(27).slice(4), 16)).toBe(certificationBytes)
  })

  test("evidence that no collateral could save is not asked for again", async () => {
    const asked: Freshness[] = []
    const validator = createTdxValidator(
      [{ path: PATH, values: { ...values, mrTd: new Uint8Array(48) } }],
      ANY_POLICY,
      {
        collateral: lateSource(asked),
      },
    )

    expect(await codeOf(validator.validate(encodeTdxDocument(good), context))).toBe("INTEL_CRL_MISSING")
    expect(asked).toEqual(["cached"])
  })

  test("a refusal shows why collateral is missing", async () => {
    const source: CollateralSource = {
      ...NO_COLLATERAL,
      intel: async (query, freshness) => ({
        ...(await NO_COLLATERAL.intel(query, freshness)),
        problems: ["the service does not answer"],
      }),
    }
    const refusal = createTdxValidator([{ path: PATH, values }], ANY_POLICY, { collateral: source }).validate(
      encodeTdxDocument(good),
      context,
    )

    await expect(refusal).rejects.toMatchObject({
      code: "INTEL_CRL_MISSING",
      message: expect.stringContaining("the service does not answer"),
      verdicts: [{ platform: "tdx", accepted: false, referenceValue: PATH }],
    })
  })

  test.each<[string, (writer: BinaryWriter) => BinaryWriter]>([
    ["without a quote", (writer) => writer],
    ["of another version", (writer) => writer.tag(1, WireType.LengthDelimited).bytes(Uint8Array.of(0x08, 6))],
    ["with a header of one field", (writer) => writer.tag(1, WireType.LengthDelimited).bytes(Uint8Array.of(0x08, 4))],
    ["with a number for a message", (writer) => writer.tag(1, WireType.Varint).uint32(4)],
  ])("a document %s is refused by its form", async (_title, change) => {
    const validator = createTdxValidator([{ path: PATH, values }], ANY_POLICY)

    expect(await codeOf(validator.validate(change(new BinaryWriter()).finish(), context))).toBe("EVIDENCE_FORM")
  })

  test("a size that is not the real one is refused by the form", () => {
    const document = encodeTdxDocument(good)
    const { qeAuthenticationData } = parseTdxQuote(good)
    const size = Buffer.from([0x08, qeAuthenticationData.length, 0x12, qeAuthenticationData.length])
    const at = Buffer.from(document).indexOf(size)
    const changed = document.slice()
    changed[at + 1] = qeAuthenticationData.length - 1

    expect(at).toBeGreaterThan(0)
    expect(() => parseTdxDocument(changed)).toThrow(RangeError)
  })

  test("a document that is cut, changed or made up is refused, never otherwise", async () => {
    const validator = createTdxValidator([{ path: PATH, values: { ...values, mrTd: new Uint8Array(48) } }], ANY_POLICY)
    const document = encodeTdxDocument(good)
    const cut = fc.nat(document.length - 1).map((size) => document.subarray(0, size))
    const changed = fc.tuple(fc.nat(document.length - 1), fc.nat(255)).map(([offset, byte]) => {
      const copy = document.slice()
      copy[offset] = byte
      return copy
    })
    await fc.assert(
      fc.asyncProperty(fc.oneof(cut, changed, fc.uint8Array({ maxLength: 600 })), async (bytes) => {
        expect(isRefusalCode(await codeOf(validator.validate(bytes, context)))).toBe(true)
      }),
      { numRuns: RUNS },
    )
  })
})
