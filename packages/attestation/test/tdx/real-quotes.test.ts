import { describe, expect, test } from "@jest/globals"
import { verifyTdx, type TdxJudgement } from "../../src/index.ts"
import { TDX_CODES } from "../../src/tdx/codes.ts"
import { findPublicKey } from "../../src/tdx/intel-signature.ts"
import { ANY_POLICY } from "../snp/neutral.ts"
import { neutralExpectation } from "./neutral.ts"
import { intelRoot } from "../../src/tdx/root.ts"
import { found, readBytes, readCases, readCollateral, type TdxCase } from "./vectors.ts"

const suite = found ? describe : describe.skip
const cases = readCases()
/** FUZZ_RUNS=100000 flips every bit of every byte. */
const flipsPerByte = Number(process.env["FUZZ_RUNS"] ?? 0) >= 100_000 ? 8 : 1

/** The oracle looks at nothing more when it cannot read the certificates. */
const BEYOND_ORACLE: Readonly<Record<string, readonly string[]>> = { "synthetic-tdx": ["TD_ATTRIBUTES"] }

function judge({ quote: place, collateral, now }: TdxCase, change = (bytes: Uint8Array) => bytes): TdxJudgement {
  const original = readBytes(place)
  return verifyTdx(
    { quote: change(original), collateral: readCollateral(collateral) },
    { ...neutralExpectation(original), path: "ReferenceValues.tdx[0]", policy: ANY_POLICY, now: new Date(now) },
  )
}

function refusals({ verdict }: TdxJudgement): readonly string[] {
  return [...new Set(verdict.checks.filter(({ outcome }) => outcome === "fail").map(({ id }) => id))].sort()
}

suite(`real TDX quotes${found ? "" : " (skipped: outside vectors not found)"}`, () => {
  test.each(cases.map((entry) => [entry.id, entry] as const))("%s is judged as the oracle says", (_id, entry) => {
    const judgement = judge(entry)
    const { verdict, tcb } = judgement

    expect(refusals(judgement)).toEqual([...entry.refusals, ...(BEYOND_ORACLE[entry.id] ?? [])].sort())
    expect(verdict.accepted).toBe(entry.refusals.length === 0)
    expect(new Set(verdict.checks.map(({ id }) => id))).toEqual(new Set(TDX_CODES))
    expect(
      tcb === undefined
        ? null
        : {
            platform: tcb.platform.status,
            ...(tcb.module && { module: tcb.module.status }),
            qe: tcb.qe.status,
            ...verdict.tcb,
            evaluation: entry.tcb?.["evaluation"],
          },
    ).toEqual(entry.tcb)
  })

  test("the root that the oracle trusts is the one that is compiled in", () => {
    expect([...new Set(cases.map(({ root }) => root))].map(readBytes)).toEqual([intelRoot().der])
  })

  test("no flipped bit anywhere in a good quote is accepted", () => {
    const entry = cases.find(({ id }) => id === "tdx-v4-good")
    if (entry === undefined) throw new Error("expected the case tdx-v4-good")
    const quote = readBytes(entry.quote)
    const evidence = { collateral: readCollateral(entry.collateral) }
    const context = {
      ...neutralExpectation(quote),
      path: "ReferenceValues.tdx[0]",
      policy: ANY_POLICY,
      now: new Date(entry.now),
    }
    const accepted: number[] = []

    for (let flip = 0; flip < flipsPerByte * quote.length; flip += 1) {
      const offset = Math.floor(flip / flipsPerByte)
      const flipped = quote.slice()
      flipped[offset] = (quote[offset] ?? 0) ^ (1 << ((offset + flip) % 8))
      if (verifyTdx({ ...evidence, quote: flipped }, context).verdict.accepted) accepted.push(offset)
    }

    expect(accepted).toEqual([])
  }, 300_000)
})

test("a point that is not on the curve is no key", () => {
  expect(findPublicKey(new Uint8Array(64).fill(1))).toBeUndefined()
})
