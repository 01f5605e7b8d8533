import { locateReferenceValues, type Manifest } from "@contrast/manifest"
import type { Output } from "./output.ts"

/**
 * Warns of entries that accept any Milan chip: it has been claimed that the keys of one were extracted, and with them
 * reports of any kind can be made.
 */
export function warnOfAnyChip(
  path: string,
  { referenceValues }: Pick<Manifest, "referenceValues">,
  output: Pick<Output, "warn">,
): void {
  for (const { path: entry, values } of locateReferenceValues(referenceValues)) {
    if (values.kind !== "snp" || values.productName !== "Milan" || values.allowedChipIds.length > 0) continue
    output.warn(
      `${path}: ${entry} accepts every Milan chip, and keys of one are said to have been extracted: name yours in AllowedChipIDs`,
    )
  }
}
