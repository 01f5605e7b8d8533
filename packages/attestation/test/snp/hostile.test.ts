import { concatBytes, parseCertificate, type Certificate } from "@contrast/crypto"
import { amdExtension, issueAmdCrl, issueAmdLeaf } from "@contrast/test-authority"
import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { parseRevocationList } from "../../src/crl.ts"
import { AttestationError } from "../../src/error.ts"
import { NO_COLLATERAL } from "../../src/collateral.ts"
import { isRefusalCode } from "../../src/refusal-class.ts"
import { encodeSnpDocument } from "../../src/snp/document-encoding.ts"
import { parseSnpDocument } from "../../src/snp/document.ts"
import { REPORT_BYTES } from "../../src/snp/report.ts"
import { createSnpValidator } from "../../src/snp/validator.ts"
import { parseVekExtensions } from "../../src/snp/vek.ts"
import { verifySnp } from "../../src/snp/verify.ts"
import { issueLeaf, NOW, PATH, POLICY, REPORT_DATA, roots, signReport, values } from "./played.ts"

const RUNS = Number(process.env["FUZZ_RUNS"] ?? 200)

const report = signReport()
const leaf = issueLeaf()
const crl = issueAmdCrl()
const context = { values, path: PATH, policy: POLICY, reportData: REPORT_DATA, now: NOW, roots }

function accepts(evidence: { report?: Uint8Array; leaf?: Certificate; crl?: Uint8Array }): boolean {
  return verifySnp({ report, leaf, authorities: [], crl, ...evidence }, context).verdict.accepted
}

function flip(bytes: Uint8Array, offset: number, mask = 1 << (offset % 8)): Uint8Array {
  const copy = bytes.slice()
  copy[offset] = (copy[offset] ?? 0) ^ mask
  return copy
}

/** A certificate of changed bytes, if it still is one. */
function tryParse(der: Uint8Array): Certificate | undefined {
  try {
    return parseCertificate(der)
  } catch {
    return undefined
  }
}

test("as it is the evidence is accepted, so that what follows says something", () => {
  expect(accepts({})).toBe(true)
})

test("evidence in a Buffer is left as it came, and judged the same every time", () => {
  const buffer = Buffer.from(report)

  expect([accepts({ report: buffer }), accepts({ report: buffer })]).toEqual([true, true])
  expect(buffer.equals(report)).toBe(true)
})

describe("no flipped bit is accepted", () => {
  test("in any byte of the report", () => {
    const accepted = [...report.keys()].filter((offset) => accepts({ report: flip(report, offset) }))

    expect(accepted).toEqual([])
  }, 60_000)

  test("in any byte of the leaf", () => {
    const accepted = [...leaf.der.keys()].filter((offset) => {
      const flipped = tryParse(flip(leaf.der, offset))
      return flipped !== undefined && accepts({ leaf: flipped })
    })

    expect(accepted).toEqual([])
  }, 60_000)

  test("in any byte of the revocation list", () => {
    const accepted = [...crl.keys()].filter((offset) => accepts({ crl: flip(crl, offset) }))

    expect(accepted).toEqual([])
  }, 60_000)
})

test("no part of a report, leaf or revocation list is accepted, and none with a byte more", () => {
  const parts = (bytes: Uint8Array) => [
    ...Array.from({ length: bytes.length }, (_, size) => bytes.subarray(0, size)),
    concatBytes(bytes, Uint8Array.of(0)),
  ]

  expect(parts(report).filter((part) => accepts({ report: part }))).toEqual([])
  expect(parts(leaf.der).filter((part) => tryParse(part) !== undefined)).toEqual([])
  expect(parts(crl).filter((part) => accepts({ crl: part }))).toEqual([])
}, 60_000)

/** Some bytes of an input, replaced. */
const changes = (size: number) =>
  fc.array(fc.tuple(fc.nat(size - 1), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 8 })

describe("whatever comes is judged and not crashed on", () => {
  test("reports with changed fields, signed or not", () => {
    fc.assert(
      fc.property(changes(REPORT_BYTES), fc.boolean(), (edits, isSigned) => {
        const change = (view: DataView): void => {
          for (const [offset, mask] of edits) view.setUint8(offset, view.getUint8(offset) ^ mask)
        }
        const changed = isSigned ? signReport({ change }) : report.slice()
        if (!isSigned) change(new DataView(changed.buffer))
        // A signature that was not touched is not missed: changes of free fields may be accepted if the chip signs them.
        if (!isSigned && !Buffer.from(changed).equals(report)) expect(accepts({ report: changed })).toBe(false)
        else accepts({ report: changed })
      }),
      { numRuns: RUNS },
    )
  })

  test("documents with changed bytes", async () => {
    const document = encodeSnpDocument({ report, vcek: leaf.der, crl })
    const original = parseSnpDocument(document)
    const validator = createSnpValidator([{ path: PATH, values }], POLICY, { collateral: NO_COLLATERAL, roots })
    await fc.assert(
      fc.asyncProperty(changes(document.length), async (edits) => {
        const changed = edits.reduce((bytes, [offset, mask]) => flip(bytes, offset, mask), document)
        const outcome = await validator.validate(changed, { reportData: REPORT_DATA, now: NOW }).catch(codeOf)
        // What is no field of ours may change: the product, say, is for others.
        if (typeof outcome !== "string") expect(parseSnpDocument(changed)).toEqual(original)
        else expect(isRefusalCode(outcome)).toBe(true)
      }),
      { numRuns: RUNS },
    )
  })

  test("extensions with any bytes", () => {
    const suffix = fc.constantFrom("1", "2", "3.1", "3.2", "3.3", "3.4", "3.8", "3.9", "4", "5", "9")
    fc.assert(
      fc.property(suffix, fc.uint8Array({ maxLength: 70 }), (name, value) => {
        const extension = amdExtension(name, value)
        const extensions = [...leaf.extensions.filter(({ oid }) => oid !== extension.oid), extension]
        parseVekExtensions({ ...leaf, extensions })
      }),
      { numRuns: RUNS },
    )
  })

  test("revocation lists with changed bytes", () => {
    fc.assert(
      fc.property(changes(crl.length), (edits) => {
        const changed = edits.reduce((bytes, [offset, mask]) => flip(bytes, offset, mask), crl)
        if (!Buffer.from(changed).equals(crl)) expect(accepts({ crl: changed })).toBe(false)
      }),
      { numRuns: RUNS },
    )
  })
})

test("a revocation list with more than 20,000 entries is refused", () => {
  const revoked = Array.from({ length: 20_001 }, (_, index) => Uint8Array.of(1, index >> 8, index & 0xff))

  expect(() => parseRevocationList(issueAmdCrl({ revoked }))).toThrow(RangeError)
})

test("an extension that comes twice makes no certificate", () => {
  const twice = issueAmdLeaf({ changeExtensions: (all) => [...all, ...all.slice(0, 1)] })

  expect(tryParse(twice)).toBeUndefined()
})

function codeOf(error: unknown): string {
  if (error instanceof AttestationError) return error.code
  throw error
}
