import { encodeHex, encodeUtf8, sha256 } from "@contrast/crypto"
import {
  type ContentKind,
  encodeLatestTransition,
  encodeTransition,
  type HistoryConfigMap,
  historyConfigMap,
  LATEST,
  nextTransition,
  NO_TRANSITION,
} from "@contrast/manifest"
import type { History } from "./history.ts"

/**
 * Writes a history as the ConfigMaps that the established implementation stores it in, one for each object, so that a lost
 * history can be put back. All of it is public, and worth nothing without the seed.
 *
 * @returns YAML; `undefined` if the Coordinator did not tell its signature, without which nothing can be put back.
 */
export function historyConfigMaps({ response, transitions, latest }: History): Uint8Array | undefined {
  const signature = response.LatestTransition?.Signature
  if (signature === undefined) return undefined
  const { Manifests: manifests, Policies: policies } = response
  const chain = manifests.map((manifest, index) =>
    encodeTransition(nextTransition(manifest, transitions[index - 1] ?? NO_TRANSITION)),
  )
  const configMaps = [
    ...byHash("policies", policies),
    ...byHash("manifests", manifests),
    ...byHash("transitions", chain),
    historyConfigMap(LATEST, encodeLatestTransition({ transitionHash: latest, signature })),
  ]
  return encodeUtf8(configMaps.map(yamlOf).join("---\n"))
}

function byHash(kind: ContentKind, contents: readonly Uint8Array[]): readonly HistoryConfigMap[] {
  const distinct = new Map(contents.map((content) => [encodeHex(sha256(content)), content]))
  return [...distinct].map(([key, content]) => historyConfigMap({ kind, key }, content))
}

/** Lines that a shell can take apart. Keys and contents are quoted, since a hash or base64 may look like a number. */
function yamlOf({ apiVersion, kind, metadata: { name, labels }, binaryData }: HistoryConfigMap): string {
  return [
    ...[`apiVersion: ${apiVersion}`, `kind: ${kind}`, "metadata:", `  name: ${name}`, "  labels:"],
    ...Object.entries(labels).map(([label, value]) => `    ${label}: ${value}`),
    "binaryData:",
    ...Object.entries(binaryData).map(([key, content]) => `  "${key}": "${content}"`),
    "",
  ].join("\n")
}
