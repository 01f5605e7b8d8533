import { expect, test } from "@jest/globals"
import { defaultReferenceValues, type ReferenceValues } from "@contrast/manifest"
import { warnOfAnyChip } from "../src/any-chip.ts"

const [MILAN, GENOA] = defaultReferenceValues("Metal-QEMU-SNP")
const CHIP = new Uint8Array(64).fill(1)

test("warns of Milan without a list of chips, and of nothing else", () => {
  const said: string[] = []
  const referenceValues = [MILAN, GENOA, withChip(MILAN)].filter((entry) => entry !== undefined)

  warnOfAnyChip("manifest.json", { referenceValues }, { warn: (text) => void said.push(text) })

  expect(said).toEqual([expect.stringMatching(/^manifest\.json: \$\.ReferenceValues\.snp\[0\] .*AllowedChipIDs$/)])
})

function withChip(entry: ReferenceValues | undefined): ReferenceValues | undefined {
  return entry?.kind === "snp" ? { ...entry, allowedChipIds: [CHIP] } : undefined
}
