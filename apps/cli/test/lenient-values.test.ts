import { expect, test } from "@jest/globals"
import { defaultReferenceValues, type ReferenceValues } from "@contrast/manifest"
import { warnOfLenientValues } from "../src/lenient-values.ts"

const [MILAN, GENOA] = defaultReferenceValues("Metal-QEMU-SNP")
const [TDX] = defaultReferenceValues("Metal-QEMU-TDX")
const [INSECURE] = defaultReferenceValues("Metal-QEMU-Insecure")
const CHIP = new Uint8Array(64).fill(1)

function warningsOf(...entries: readonly (ReferenceValues | undefined)[]): readonly string[] {
  const said: string[] = []
  const referenceValues = entries.filter((entry) => entry !== undefined)
  warnOfLenientValues("manifest.json", { referenceValues }, { warn: (text) => void said.push(text) })
  return said
}

test("warns of Milan without a list of chips", () => {
  const said = warningsOf(MILAN, GENOA, MILAN?.kind === "snp" ? { ...MILAN, allowedChipIds: [CHIP] } : undefined)

  expect(said).toEqual([expect.stringMatching(/^manifest\.json: \$\.ReferenceValues\.snp\[0\] .*AllowedChipIDs$/)])
})

test("warns of TDX without a least evaluation number", () => {
  const said = warningsOf(TDX?.kind === "tdx" ? { ...TDX, minTcbEvaluationDataNumber: 17 } : undefined, TDX)

  expect(said).toEqual([
    expect.stringMatching(/^manifest\.json: \$\.ReferenceValues\.tdx\[1\] .*MinTCBEvaluationDataNumber to .*Intel/),
  ])
})

test("warns of nothing on a platform that does not attest", () => {
  expect(warningsOf(INSECURE)).toEqual([])
})
