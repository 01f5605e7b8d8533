import { isDeepStrictEqual } from "node:util"
import {
  type Manifest,
  ManifestError,
  type PolicyEntry,
  type PolicyHash,
  type ReferenceValues,
  validateManifest,
} from "@contrast/manifest"
import { manifestRefusal } from "../manifest-file.ts"

/** What a manifest is made from. */
export interface ManifestParts {
  /** The one to take over from. */
  readonly existing: Manifest | undefined
  readonly policies: ReadonlyMap<PolicyHash, PolicyEntry>
  readonly referenceValues: readonly ReferenceValues[]
  /** Hex, as in the manifest. */
  readonly workloadOwnerPubKeys: readonly string[]
  readonly seedshareOwnerPubKeys: readonly string[]
  /** Nobody may set another manifest. */
  readonly disableUpdates: boolean
}

/** Makes the manifest: all policies and reference values are given; owners of the existing one stay, and others come to them. */
export function assembleManifest(parts: ManifestParts): Manifest {
  const { existing, policies, referenceValues, disableUpdates } = parts
  return {
    policies,
    referenceValues,
    workloadOwnerPubKeys: disableUpdates ? [] : union(existing?.workloadOwnerPubKeys, parts.workloadOwnerPubKeys),
    workloadOwnerKeyDigests: disableUpdates ? [] : (existing?.workloadOwnerKeyDigests ?? []),
    seedshareOwnerPubKeys: union(existing?.seedshareOwnerPubKeys, parts.seedshareOwnerPubKeys),
    ...(existing?.minimumApiVersion !== undefined && { minimumApiVersion: existing.minimumApiVersion }),
  }
}

/**
 * Checks a new manifest. Reference values that are still to be filled in are no mistake.
 *
 * @throws `CliError` `MANIFEST`.
 */
export function checkNewManifest(path: string, manifest: Manifest): void {
  try {
    validateManifest(manifest)
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error
    const [first, ...others] = error.problems.filter(({ code }) => code !== "REFERENCE_VALUE_MISSING")
    if (first !== undefined) throw manifestRefusal(path, new ManifestError([first, ...others], { cause: error }))
  }
}

/** Policies whose entries someone has edited in the existing manifest, which a new one does not take over. */
export function findLostEdits({
  existing,
  policies,
}: Pick<ManifestParts, "existing" | "policies">): readonly PolicyHash[] {
  return [...policies].flatMap(([hash, entry]) => {
    const edited = existing?.policies.get(hash)
    return edited === undefined || isDeepStrictEqual(edited, entry) ? [] : [hash]
  })
}

/** Sorted, since the order of the seed share owners may never change. Hex digits count in any case. */
function union(existing: readonly string[] = [], added: readonly string[]): readonly string[] {
  const known = new Set(existing.map((key) => key.toLowerCase()))
  return [...existing, ...new Set(added.filter((key) => !known.has(key)))].toSorted()
}
