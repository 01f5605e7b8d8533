import { decodeBase64, encodeBase64 } from "@contrast/crypto"
import type { ContentKind } from "./content.ts"

/** A ConfigMap of Kubernetes that holds one object of a history, in the layout of the established implementation. */
export interface HistoryConfigMap {
  readonly apiVersion: "v1"
  readonly kind: "ConfigMap"
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> }
  /** The object in base64, under its key. */
  readonly binaryData: Readonly<Record<string, string>>
}

/** Which object: its hash as 64 lower-case hex digits, or the signed head. */
export interface HistoryObjectId {
  readonly kind: ContentKind
  readonly key: string
}

/** The head of the history: a transition's hash with the Coordinator's signature. */
export const LATEST: HistoryObjectId = { kind: "transitions", key: "latest" }

const LABELS = {
  "app.kubernetes.io/name": "kvstore",
  "app.kubernetes.io/component": "coordinator",
  "app.kubernetes.io/managed-by": "contrast.edgeless.systems",
}

/** Name of the ConfigMap of an object. */
export function historyConfigMapName({ kind, key }: HistoryObjectId): string {
  return `contrast-store-${kind}-${key}`
}

/** The ConfigMap of an object. */
export function historyConfigMap(id: HistoryObjectId, content: Uint8Array): HistoryConfigMap {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: historyConfigMapName(id), labels: LABELS },
    binaryData: { [id.key]: encodeBase64(content) },
  }
}

/**
 * Reads the object from its ConfigMap. One that somebody has emptied holds nothing, which the history's own checks refuse.
 *
 * @param binaryData - Of the ConfigMap, as it came; nothing in it has been checked.
 * @throws {@link CryptoError} if it is not base64.
 */
export function historyObjectOf({ key }: HistoryObjectId, binaryData: unknown): Uint8Array {
  const isMap = typeof binaryData === "object" && binaryData !== null
  const text = isMap && Object.hasOwn(binaryData, key) ? (binaryData as Record<string, unknown>)[key] : undefined
  return decodeBase64(typeof text === "string" ? text : "")
}
