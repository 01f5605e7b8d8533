import { type Manifest, type Platform, type ReferenceValues, defaultReferenceValues } from "@contrast/manifest"
import { CliError } from "../error.ts"
import { type ReferenceValuePatch, isComplete, patchReferenceValues } from "./reference-value-patches.ts"

/** What the reference values of a manifest are made from. */
export interface ReferenceValueParts {
  /** The manifest to take over from. */
  readonly existing: Manifest | undefined
  readonly platforms: ReadonlySet<Platform>
  /** For new entries only: what someone may have edited stays. */
  readonly patches: readonly ReferenceValuePatch[]
  /** Leave out new entries that are not filled in. */
  readonly purgeEmpty: boolean
}

/** Reference values for a manifest. */
export interface AssembledReferenceValues {
  readonly referenceValues: readonly ReferenceValues[]
  /** What the user should know about patches, and about entries that serve no workload. */
  readonly warnings: readonly string[]
}

/**
 * Makes the reference values: those of the existing manifest stay, and each platform without any gets the default ones,
 * patched.
 *
 * @throws `CliError` `FILE_CONTENT` if a patch does not fit; `PLATFORM` if no entry of a platform is filled in.
 */
export function assembleReferenceValues(parts: ReferenceValueParts): AssembledReferenceValues {
  const { existing, platforms, patches, purgeEmpty } = parts
  const kept = existing?.referenceValues ?? []
  const missing = [...platforms].filter((platform) => !kept.some((entry) => entry.platform === platform)).toSorted()
  const idle = describeIdle(kept, platforms)
  if (missing.length === 0) {
    return { referenceValues: kept, warnings: [...(patches.length === 0 ? [] : [ALL_KEPT]), ...idle] }
  }
  const { entries, unused } = patchReferenceValues(missing.flatMap(defaultReferenceValues), patches)
  const added = purgeEmpty ? entries.filter(isComplete) : entries
  for (const platform of missing) requireEntry(added, platform)
  return { referenceValues: [...kept, ...added], warnings: [...filesWithoutUse(patches, unused), ...idle] }
}

const ALL_KEPT =
  "--reference-value-patches had no effect: the manifest has reference values for every platform, which generate keeps"

/** Evidence of a platform that nobody means any more would still be accepted. */
function describeIdle(kept: readonly ReferenceValues[], platforms: ReadonlySet<Platform>): readonly string[] {
  const idle = new Set(kept.map(({ platform }) => platform).filter((platform) => !platforms.has(platform)))
  return [...idle].map(
    (platform) => `the manifest accepts ${platform}, on which no workload runs: remove its reference values`,
  )
}

function requireEntry(entries: readonly ReferenceValues[], platform: Platform): void {
  if (entries.some((entry) => entry.platform === platform)) return
  throw new CliError("PLATFORM", `no reference values are filled in for ${platform}`, {
    hint: "fill one entry in with --reference-value-patches, or leave out --purge-empty-reference-values and edit the manifest",
  })
}

/** A file may hold patches of many platforms, so it is the one with no use at all that is worth a word. */
function filesWithoutUse(
  patches: readonly ReferenceValuePatch[],
  unused: readonly ReferenceValuePatch[],
): readonly string[] {
  const used = new Set(patches.filter((patch) => !unused.includes(patch)).map(({ file }) => file))
  const without = new Set(unused.map(({ file }) => file).filter((file) => !used.has(file)))
  return [...without].map((file) => `${file} had no effect: none of its patches is for these platforms`)
}
