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

/** Says which entries of the existing manifest someone has edited, which the new one does not take over. */
export function describeLostEdits(
  path: string,
  { existing, policies }: Pick<ManifestParts, "existing" | "policies">,
): readonly string[] {
  const made = [...policies.values()]
  return [...(existing?.policies ?? [])].flatMap(([hash, entry]) => {
    if (made.some((other) => isDeepStrictEqual(other, entry)) || isMade(entry)) return []
    const lost = `${path} had its own entry for policy ${hash} (${describe(entry)})`
    return policies.has(hash)
      ? [`${lost}, which is the default again: edit it after generate`]
      : [`${lost}, which no workload has any more: if its workload has another policy now, edit the entry of that one`]
  })
}

/** Whether the entry is as `generate` makes one: of a workload that is gone now, whose name Kubernetes may have made up. */
function isMade({ sans, workloadSecretId }: PolicyEntry): boolean {
  const [name, ...others] = sans.slice(0, -1)
  if (sans.at(-1) !== "*" || others.length > 0) return false
  return workloadSecretId?.endsWith(name === undefined ? "-" : `/${name}`) ?? true
}

function describe({ sans, workloadSecretId, role }: PolicyEntry): string {
  const secret = workloadSecretId === undefined ? [] : [`workload secret ID ${workloadSecretId}`]
  return [`SANs ${sans.join(", ") || "none"}`, ...secret, ...(role === undefined ? [] : [`role ${role}`])].join("; ")
}

/** Sorted, since the order of the seed share owners may never change. Hex digits count in any case. */
function union(existing: readonly string[] = [], added: readonly string[]): readonly string[] {
  const known = new Set(existing.map((key) => key.toLowerCase()))
  return [...existing, ...new Set(added.filter((key) => !known.has(key)))].toSorted()
}
