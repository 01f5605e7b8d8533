import { describe, expect, test } from "@jest/globals"
import { found, readCases, readChainCases, readOracle } from "./snp/vectors.ts"
import { readCases as readQuoteCases, readCollateralCases } from "./tdx/vectors.ts"

const suite = found ? describe : describe.skip

suite(`the oracle of the outside vectors${found ? "" : " (skipped: outside vectors not found)"}`, () => {
  test("has no part that no test looks at", () => {
    expect(Object.keys(readOracle()).sort()).toEqual(["about", "chains", "collateral", "dcap", "snp"])
    expect(new Set(readCollateralCases().map(({ kind }) => kind))).toEqual(
      new Set(["tcbInfo", "enclaveIdentity", "tcbEvaluationDataNumbers", "crl"]),
    )
  })

  test.each<[string, readonly object[], readonly string[]]>([
    ["snp", readCases(), ["chain", "fields", "id", "leaf", "note", "now", "refusals", "report"]],
    ["dcap", readQuoteCases(), ["collateral", "fields", "id", "note", "now", "quote", "refusals", "root", "tcb"]],
    ["collateral", readCollateralCases(), ["expect", "file", "issuer", "kind", "signer"]],
    ["chains", readChainCases(), ["ark", "ca", "expect", "file", "leaf"]],
  ])("says nothing of %s that no test looks at", (_part, entries, keys) => {
    expect(entries.length).toBeGreaterThan(0)
    expect([...new Set(entries.flatMap((entry) => Object.keys(entry)))].sort()).toEqual(keys)
  })
})
