import { type Codec } from "./codec.ts"
import { type InsecureReferenceValues, readInsecure, writeInsecure } from "./insecure-reference-values.ts"
import { findMember } from "./json.ts"
import { indexPath } from "./json-path.ts"
import { list } from "./list-codec.ts"
import { findPlatform, isInsecurePlatform } from "./platforms.ts"
import { type SnpReferenceValues, snpCodec } from "./snp-reference-values.ts"
import { omitEmpty, struct } from "./struct-codec.ts"
import { type TdxReferenceValues, tdxCodec } from "./tdx-reference-values.ts"

/** What the evidence of one kind of machine must show. */
export type ReferenceValues = SnpReferenceValues | TdxReferenceValues | InsecureReferenceValues

/** Reference values with their path in the manifest. */
export interface LocatedReferenceValues {
  /** `$.ReferenceValues.snp[0]` */
  readonly path: string
  readonly values: ReferenceValues
}

interface ReferenceValueLists {
  readonly snp: readonly (SnpReferenceValues | InsecureReferenceValues)[]
  readonly tdx: readonly (TdxReferenceValues | InsecureReferenceValues)[]
}

const MAX_ENTRIES = 100

const listsCodec: Codec<ReferenceValueLists> = struct<ReferenceValueLists>({
  snp: omitEmpty("snp", list(orInsecure("snp", snpCodec), MAX_ENTRIES), []),
  tdx: omitEmpty("tdx", list(orInsecure("tdx", tdxCodec), MAX_ENTRIES), []),
})

/** The object `ReferenceValues`: first the entries of its list `snp`, then those of `tdx`. */
export const referenceValuesCodec: Codec<readonly ReferenceValues[]> = {
  read(node, problems) {
    const lists = listsCodec.read(node, problems)
    return lists === undefined ? undefined : [...lists.snp, ...lists.tdx]
  },
  write: (entries) => listsCodec.write(sortIntoLists(entries)),
}

/** The entries with their paths, in the order in which a manifest holds them. */
export function locateReferenceValues(entries: readonly ReferenceValues[]): readonly LocatedReferenceValues[] {
  return Object.entries(sortIntoLists(entries)).flatMap(([name, values]: [string, readonly ReferenceValues[]]) =>
    values.map((entry, index) => ({ path: indexPath(`$.ReferenceValues.${name}`, index), values: entry })),
  )
}

function orInsecure<T extends SnpReferenceValues | TdxReferenceValues>(
  list: InsecureReferenceValues["list"],
  secure: Codec<T>,
): Codec<T | InsecureReferenceValues> {
  return {
    read(node, problems) {
      const name = findMember(node, "Platform")
      const platform = name?.kind === "string" ? findPlatform(name.value) : undefined
      if (platform === undefined || !isInsecurePlatform(platform)) return secure.read(node, problems)
      return readInsecure(node, { platform, list }, problems)
    },
    write: (values) => (isInsecure(values) ? writeInsecure(values) : secure.write(values)),
  }
}

function isInsecure(values: ReferenceValues): values is InsecureReferenceValues {
  return values.kind === "insecure"
}

function sortIntoLists(entries: readonly ReferenceValues[]): ReferenceValueLists {
  return { snp: entries.filter((entry) => isIn("snp", entry)), tdx: entries.filter((entry) => isIn("tdx", entry)) }
}

function isIn<List extends "snp" | "tdx">(
  list: List,
  entry: ReferenceValues,
): entry is ReferenceValueLists[List][number] {
  return entry.kind === list || (entry.kind === "insecure" && entry.list === list)
}
