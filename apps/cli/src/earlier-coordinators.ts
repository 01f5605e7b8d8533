import { decodeUtf8, equalBytes } from "@contrast/crypto"
import { encodeManifest, type Manifest, ManifestError, parseManifest } from "@contrast/manifest"
import type { History } from "./history.ts"
import type { Output } from "./output.ts"

/**
 * Warns of manifests in a history that let others be Coordinator than the one in force does: they could have the seed of
 * them that were, and so can still make certificates under the root CA and every workload's secret.
 *
 * @param seen - The transition that was seen last: what led to it has been looked at.
 */
export function warnOfEarlierCoordinators(
  { response, transitions }: History,
  seen: Uint8Array | undefined,
  { folder, output }: { readonly folder: string; readonly output: Pick<Output, "warn"> },
): void {
  const { Manifests: manifests } = response
  const known = seen === undefined ? 0 : transitions.findIndex((hash) => equalBytes(hash, seen)) + 1
  const [current] = manifests.slice(-1).map(describeCoordinators)
  const others = manifests.flatMap((manifest, index) =>
    index >= known && describeCoordinators(manifest) !== current ? `${folder}/manifest.${index}.json` : [],
  )
  if (others.length === 0) return
  output.warn(
    `earlier manifests, not seen before, let others be Coordinator than the one in force: whoever that was may hold the seed, and with it
the root CA's key and all secrets. Look at ${others.join(", ")}`,
  )
}

/** Which policies may be the Coordinator, on what; `undefined` if nobody can tell. */
function describeCoordinators(bytes: Uint8Array): string | undefined {
  try {
    return decodeUtf8(encodeManifest(coordinatorsOf(parseManifest(bytes))))
  } catch (error) {
    if (error instanceof ManifestError) return undefined
    throw error
  }
}

function coordinatorsOf({ policies, referenceValues }: Manifest): Manifest {
  const coordinators = [...policies].filter(([, { role }]) => role === "coordinator")
  return {
    policies: new Map(coordinators.map(([hash]) => [hash, { sans: [], role: "coordinator" }])),
    referenceValues,
    workloadOwnerPubKeys: [],
    workloadOwnerKeyDigests: [],
    seedshareOwnerPubKeys: [],
  }
}
