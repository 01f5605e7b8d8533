import { encodeHex, encodeUtf8 } from "@contrast/crypto"
import { type HistoryReader, NO_TRANSITION, encodeTransition, nextTransition, transitionHash } from "../../src/index.ts"

/** A history in memory, open to be tampered with. */
export interface MemoryHistory {
  readonly reader: HistoryReader
  /** By their keys in a store, `manifests/ab…` and `transitions/ab…`. */
  readonly objects: Map<string, Uint8Array>
  /** Of the transitions, oldest first. */
  readonly hashes: readonly Uint8Array[]
}

/** The history of some manifests, oldest first. */
export function createHistory(manifests: readonly string[]): MemoryHistory {
  const objects = new Map<string, Uint8Array>()
  const hashes: Uint8Array[] = []
  for (const manifest of manifests.map(encodeUtf8)) {
    const transition = nextTransition(manifest, hashes.at(-1) ?? NO_TRANSITION)
    hashes.push(transitionHash(transition))
    objects.set(`manifests/${encodeHex(transition.manifestHash)}`, manifest)
    objects.set(`transitions/${encodeHex(transitionHash(transition))}`, encodeTransition(transition))
  }
  return { reader: readObjects(objects), objects, hashes }
}

/** Reads a history from its objects. */
export function readObjects(objects: ReadonlyMap<string, Uint8Array>): HistoryReader {
  return {
    manifest: (hash) => Promise.resolve(objects.get(`manifests/${encodeHex(hash)}`)),
    transition: (hash) => Promise.resolve(objects.get(`transitions/${encodeHex(hash)}`)),
  }
}
