import { locateReferenceValues, type Manifest, type ReferenceValues } from "@contrast/manifest"
import type { Output } from "./output.ts"

/** Warns of entries that leave more open than their owner may know. */
export function warnOfLenientValues(
  path: string,
  { referenceValues }: Pick<Manifest, "referenceValues">,
  output: Pick<Output, "warn">,
): void {
  for (const { path: entry, values } of locateReferenceValues(referenceValues)) {
    const lenience = findLenience(values)
    if (lenience !== undefined) output.warn(`${path}: ${entry} accepts ${lenience}`)
  }
}

function findLenience(values: ReferenceValues): string | undefined {
  switch (values.kind) {
    case "snp":
      // With the keys of one chip reports of any kind can be made.
      return values.productName === "Milan" && values.allowedChipIds.length === 0
        ? "every Milan chip, and keys of one are said to have been extracted: name yours in AllowedChipIDs"
        : undefined
    case "tdx":
      // Whoever writes the collateral folder, or runs a mirror, may show an old evaluation that Intel still signs.
      return values.minTcbEvaluationDataNumber === 0
        ? "every evaluation that Intel still signs, and older ones leave out later weaknesses: set MinTCBEvaluationDataNumber to the number of the one that you demand (tcbEvaluationDataNumber in Intel's TCB info)"
        : undefined
    case "insecure":
      return undefined
  }
}
