import { encodeBase64, encodeHex, encodeUtf8, sha256 } from "@contrast/crypto"
import { NO_TRANSITION, encodeLatestTransition, encodeTransition, nextTransition } from "@contrast/manifest"
import type { History } from "./history.ts"

/** One object of a Coordinator's history: `manifests`, `policies` or `transitions`, and its hash or `latest`. */
interface StoredObject {
  readonly kind: string
  readonly name: string
  readonly content: Uint8Array
}

/**
 * Writes a history as the ConfigMaps that the established implementation stores it in, one for each object, so that a lost
 * history can be put back. All of it is public, and worth nothing without the seed.
 *
 * @returns YAML; `undefined` if the Coordinator did not tell its signature, without which nothing can be put back.
 */
export function historyConfigMaps(history: History): Uint8Array | undefined {
  const signature = history.response.LatestTransition?.Signature
  if (signature === undefined) return undefined
  const latest = encodeLatestTransition({ transitionHash: history.latest, signature })
  const objects = [...contentsOf(history), { kind: "transitions", name: "latest", content: latest }]
  return encodeUtf8(objects.map(configMapOf).join("---\n"))
}

function contentsOf({ response, transitions }: History): readonly StoredObject[] {
  const { Manifests: manifests, Policies: policies } = response
  const chain = manifests.map((manifest, index) =>
    encodeTransition(nextTransition(manifest, transitions[index - 1] ?? NO_TRANSITION)),
  )
  const byHash = (kind: string, contents: readonly Uint8Array[]): readonly StoredObject[] => {
    const distinct = new Map(contents.map((content) => [encodeHex(sha256(content)), content]))
    return [...distinct].map(([name, content]) => ({ kind, name, content }))
  }
  return [...byHash("policies", policies), ...byHash("manifests", manifests), ...byHash("transitions", chain)]
}

/** Quoted, since a hash or base64 may look like a number. */
function configMapOf({ kind, name, content }: StoredObject): string {
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: contrast-store-${kind}-${name}
  labels:
    app.kubernetes.io/name: kvstore
    app.kubernetes.io/component: coordinator
    app.kubernetes.io/managed-by: contrast.edgeless.systems
binaryData:
  "${name}": "${encodeBase64(content)}"
`
}
