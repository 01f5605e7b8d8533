import { CryptoError } from "@contrast/crypto"
import {
  encodeSgxExtension,
  INTEL_PLATFORM,
  intelAuthorities,
  intelChain,
  intelPlatform,
  issueIntelCollateral,
  issueIntelPck,
  issueQeIdentity,
  issueTcbInfo,
  signIntelQuote,
} from "@contrast/test-authority"
import { expect, test } from "@jest/globals"
import fc from "fast-check"
import { parseTdxQuote, TdxQuoteError, verifyTdx } from "../../src/index.ts"
import { TDX_CODES } from "../../src/tdx/codes.ts"
import { parsePckChain } from "../../src/tdx/pck-chain.ts"
import { parseQeIdentity } from "../../src/tdx/qe-identity.ts"
import { parseSgxExtension } from "../../src/tdx/sgx-extension.ts"
import { parseSignedJson } from "../../src/tdx/signed-json.ts"
import { parseTcbInfo } from "../../src/tdx/tcb-info.ts"
import { HOST_DATA, NOW, PATH, POLICY, REPORT_DATA, values } from "./test-intel.ts"

/** FUZZ_RUNS=100000 for the long mode. */
const numRuns = Number(process.env["FUZZ_RUNS"] ?? 300)
const PADDING_BYTES = 8
const quotes = ([4, 5] as const).map((version) =>
  signIntelQuote({ version, reportData: REPORT_DATA, hostData: HOST_DATA, padding: PADDING_BYTES }),
)
const collateral = issueIntelCollateral()
const { platformCa, root } = intelAuthorities()

/** Places where a length, a type or a version stands, in both versions of the quote. */
const STRUCTURE = [0, 2, 4, 48, 50, 632, 633, 702, 764, 766, 1212, 1214, 1246, 1248, 1252, 1286, 1288, 1318, 1320]

/** Good bytes with some replaced, and now and then a piece left out or doubled. */
function mutate(good: Uint8Array, places: readonly number[] = []): fc.Arbitrary<Uint8Array> {
  const offset = fc.oneof(fc.nat(good.length - 1), fc.constantFrom(0, ...places))
  const byte = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff))
  const replaced = fc.array(fc.tuple(offset, byte), { minLength: 1, maxLength: 4 }).map((changes) => {
    const copy = good.slice()
    for (const [at, value] of changes) copy[at] = value
    return copy
  })
  const spliced = fc
    .tuple(offset, offset)
    .map(([from, to]) => Uint8Array.from([...good.subarray(0, from), ...good.subarray(to)]))
  return fc.oneof({ weight: 3, arbitrary: replaced }, { weight: 1, arbitrary: spliced })
}

test("a quote that was changed is read or refused, in bounds", () => {
  fc.assert(
    fc.property(fc.oneof(...quotes.map((quote) => mutate(quote, STRUCTURE)), fc.uint8Array()), (bytes) => {
      try {
        const quote = parseTdxQuote(bytes)
        expect(quote.signedBytes.length + 4 + quote.signatureDataBytes + quote.trailing.length).toBe(bytes.length)
      } catch (error) {
        expect(error).toBeInstanceOf(TdxQuoteError)
      }
    }),
    { numRuns: 10 * numRuns },
  )
})

/** All that a quote says. Padding, and white space in and around the certificates' PEM, say nothing. */
function meaningOf(bytes: Uint8Array): unknown {
  const quote = parseTdxQuote(bytes)
  const chain = parsePckChain(quote.pckChain)
  return [
    quote.signedBytes,
    quote.signature,
    quote.attestationKey,
    quote.qeReport,
    quote.qeReportSignature,
    quote.qeAuthenticationData,
    ...[chain?.leaf, chain?.intermediate, chain?.root].map((certificate) => certificate?.der),
  ]
}

test("a quote that says something else is never accepted, and its verdict holds every check", () => {
  fc.assert(
    fc.property(
      fc.oneof(...quotes.map((quote) => mutate(quote, STRUCTURE).map((bytes) => ({ quote, bytes })))),
      (pair) => {
        const context = {
          values,
          path: PATH,
          policy: POLICY,
          reportData: REPORT_DATA,
          now: NOW,
          root: root.certificate,
        }
        const { verdict } = verifyTdx({ quote: pair.bytes, collateral }, context)

        if (verdict.accepted) expect(meaningOf(pair.bytes)).toEqual(meaningOf(pair.quote))
        expect(new Set(verdict.checks.map(({ id }) => id)).size).toBe(TDX_CODES.length)
      },
    ),
    { numRuns },
  )
})

test("an extension that was changed is read or not, and never throws", () => {
  const good = encodeSgxExtension(INTEL_PLATFORM)
  const { certificate } = issueIntelPck()
  const oid = "1.2.840.113741.1.13.1"
  fc.assert(
    fc.property(fc.oneof(mutate(good), fc.uint8Array({ maxLength: 100 })), (value) => {
      const extension = parseSgxExtension({ ...certificate, extensions: [{ oid, critical: false, value }] })
      if (extension === undefined) return

      expect(extension.components).toHaveLength(16)
      expect(extension.components.every((svn) => svn >= 0 && svn <= 255)).toBe(true)
      expect([extension.fmspc.length, extension.pceId.length, extension.ppid.length]).toEqual([6, 2, 16])
    }),
    { numRuns: 3 * numRuns },
  )
})

test("a chain that was changed is read or not, and never throws", () => {
  const good = intelChain(intelPlatform(), platformCa, root)
  fc.assert(
    fc.property(mutate(good), (pem) => {
      expect(() => parsePckChain(pem)).not.toThrow()
    }),
    { numRuns },
  )
})

test.each([
  ["TCB info", "tcbInfo", issueTcbInfo().body, parseTcbInfo],
  ["a QE identity", "enclaveIdentity", issueQeIdentity().body, parseQeIdentity],
] as const)("%s that was changed is read or refused, and its signed bytes are part of what came", (...row) => {
  const [, envelope, good, parse] = row
  const structure = fc
    .json({ maxDepth: 4 })
    .map((json) => Buffer.from(`{"${envelope}":${json},"signature":"${"0".repeat(128)}"}`))
  fc.assert(
    fc.property(fc.oneof(mutate(good), structure, fc.uint8Array({ maxLength: 200 })), (body) => {
      try {
        const { content, signedBytes } = parseSignedJson(body, envelope)
        expect(Buffer.from(body).includes(Buffer.from(signedBytes))).toBe(true)
        expect(parse(content).issueDate.getTime()).toBeGreaterThan(0)
      } catch (error) {
        expect(error instanceof RangeError || error instanceof SyntaxError || error instanceof CryptoError).toBe(true)
      }
    }),
    { numRuns: 3 * numRuns },
  )
})

test.each(quotes)(
  "of a quote nothing but padding may be cut off (%#)",
  (quote) => {
    const context = { values, path: PATH, policy: POLICY, reportData: REPORT_DATA, now: NOW, root: root.certificate }
    const accepted = Array.from({ length: quote.length + 1 }, (_, size) => size).filter(
      (size) => verifyTdx({ quote: quote.subarray(0, size), collateral }, context).verdict.accepted,
    )

    expect(accepted).toEqual(
      Array.from({ length: PADDING_BYTES + 1 }, (_, kept) => quote.length - PADDING_BYTES + kept),
    )
  },
  60_000,
)

test("JSON that nests without end is refused", () => {
  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
  ] as const) {
    const nested = `${open.repeat(40_000)}1${close.repeat(40_000)}`
    const body = Buffer.from(`{"tcbInfo":${nested},"signature":"${"0".repeat(128)}"}`)

    expect(() => parseSignedJson(body, "tcbInfo")).toThrow(RangeError)
  }
})
