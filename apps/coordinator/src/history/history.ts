import { decodeHex, decodeUtf8, encodeHex } from "@contrast/crypto"
import { type ContentKind, ManifestError, requireContent, walkHistory } from "@contrast/manifest"
import { CoordinatorError, type CoordinatorErrorCode } from "../error.ts"
import type { HistoryStore, References } from "./history-store.ts"

/** What the history consists of, by hash; the contents stay in the store. */
export interface History {
  /** Oldest first. */
  readonly transitions: readonly string[]
  /** The manifest of each transition. */
  readonly manifests: readonly string[]
  /** Every policy that any of the manifests names. */
  readonly policies: ReadonlySet<string>
  /** Size of them all, a manifest counted for each time it was set: what whoever reads the history is sent. */
  readonly bytes: number
}

/** Largest history that still grows. The clients of the user API take twice as much, so that none is shut out by it. */
export const MAX_HISTORY_BYTES: number = 64 * 1024 * 1024

/** Before the first manifest. */
export const EMPTY_HISTORY: History = { transitions: [], manifests: [], policies: new Set(), bytes: 0 }

/** One more step. */
export interface HistoryStep {
  readonly transition: string
  readonly manifest: string
  readonly manifestBytes: Uint8Array
  /** By hash. */
  readonly policies: ReadonlyMap<string, Uint8Array>
}

/** The history with one more step at its end. */
export function extendHistory(
  history: History,
  { transition, manifest, manifestBytes, policies }: HistoryStep,
): History {
  return {
    transitions: [...history.transitions, transition],
    manifests: [...history.manifests, manifest],
    policies: new Set([...history.policies, ...policies.keys()]),
    bytes: history.bytes + bytesAdded(history, manifestBytes, policies),
  }
}

/** What a manifest with its policies, by hash, adds to the size of the history. */
export function bytesAdded(
  history: History,
  manifestBytes: Uint8Array,
  policies: ReadonlyMap<string, Uint8Array>,
): number {
  const added = [...policies].filter(([hash]) => !history.policies.has(hash)).map(([, policy]) => policy)
  return sizeOf([manifestBytes, ...added])
}

function sizeOf(contents: readonly Uint8Array[]): number {
  return contents.reduce((bytes, content) => bytes + content.length, 0)
}

/** What a store must keep for the history. */
export function referencesOf({ transitions, manifests, policies }: History): References {
  return { transitions: new Set(transitions), manifests: new Set(manifests), policies }
}

/**
 * Reads the history from the store and checks all of it: every transition back to the first, every manifest, and every
 * policy that one of them names.
 *
 * @param latestHash - Of a transition whose signature has been verified.
 * @throws {@link ManifestError} if anything is missing or altered; {@link CoordinatorError} `STORE`.
 */
export async function loadHistory(store: HistoryStore, latestHash: Uint8Array): Promise<History> {
  const reader = {
    manifest: (hash: Uint8Array) => store.read("manifests", encodeHex(hash)),
    transition: (hash: Uint8Array) => store.read("transitions", encodeHex(hash)),
  }
  const entries = await walkHistory(reader, latestHash)
  const manifests = entries.map(({ transition }) => encodeHex(transition.manifestHash))
  const contents = new Map(entries.map(({ manifestBytes }, index) => [manifests[index], manifestBytes]))
  const policies = new Set([...contents.values()].flatMap(namedPolicies))
  let bytes = sizeOf(entries.map(({ manifestBytes }) => manifestBytes))
  for (const policy of policies) bytes += (await readObject(store, "policies", policy)).length
  return { transitions: entries.map(({ transitionHash }) => encodeHex(transitionHash)), manifests, policies, bytes }
}

/**
 * Reads an object from the store and checks it by its hash.
 *
 * @throws {@link ManifestError} `HISTORY_MISSING` or `HISTORY_HASH`; {@link CoordinatorError} `STORE`.
 */
export async function readObject(store: HistoryStore, kind: ContentKind, hash: string): Promise<Uint8Array> {
  return requireContent(kind, decodeHex(hash), await store.read(kind, hash))
}

/** Runs what reads the persisted history; what is wrong with that is no fault of the request, so it gets this code. */
export async function readingHistory<T>(code: CoordinatorErrorCode, act: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    if (!(cause instanceof ManifestError)) throw cause
    throw new CoordinatorError(code, `${act}: ${cause.message}`, { cause })
  }
}

const POLICY_HASH = /^[0-9a-f]{64}$/i

/**
 * The policies that a manifest of the history names. It was accepted in its time, perhaps by another implementation that
 * takes keys in any case, so it is read leniently: what it names must be there, and must not be swept.
 */
function namedPolicies(manifestBytes: Uint8Array): readonly string[] {
  const policies = membersOf(parseJson(manifestBytes)).find(([key]) => key.toLowerCase() === "policies")?.[1]
  const names = membersOf(policies).map(([name]) => name)
  return names.filter((name) => POLICY_HASH.test(name)).map((name) => name.toLowerCase())
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeUtf8(bytes))
  } catch (cause) {
    throw new ManifestError([{ code: "MANIFEST_JSON", path: "manifests", message: "expected JSON" }], { cause })
  }
}

function membersOf(value: unknown): readonly [name: string, value: unknown][] {
  return typeof value === "object" && value !== null ? Object.entries(value) : []
}
