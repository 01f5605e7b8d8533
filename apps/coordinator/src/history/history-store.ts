import { equalBytes } from "@contrast/crypto"
import type { ContentKind } from "@contrast/manifest"

/** An object on its way into the store. */
export interface StoredObject {
  readonly kind: ContentKind
  /** 64 lower-case hex digits: SHA-256 of the bytes. */
  readonly hash: string
  readonly bytes: Uint8Array
}

/** Objects by kind and hash. */
export type References = Readonly<Record<ContentKind, ReadonlySet<string>>>

/** One step of the history: new objects, then `latest` that names them. */
export interface Commit {
  readonly objects: readonly StoredObject[]
  /** What `latest` must still be; `undefined` if there must be none. */
  readonly expectedLatest: Uint8Array | undefined
  readonly latest: Uint8Array
  /** All that the history names after this commit; anything else may be swept. */
  readonly referenced: () => References
}

/**
 * Where the history lies. Nothing that comes out of a store has been checked: it may be missing, cut, altered or old.
 *
 * Every method throws {@link CoordinatorError} `STORE` when the store does not answer.
 */
export interface HistoryStore {
  /** The signed head of the history; `undefined` if there never was one. */
  latest(): Promise<Uint8Array | undefined>
  read(kind: ContentKind, hash: string): Promise<Uint8Array | undefined>
  /**
   * Compares and swaps `latest`. Once this returns `committed`, the commit outlasts any crash; on `conflict`, or when
   * it throws, the history is what it was.
   *
   * @throws {@link CoordinatorError} `STORE_FULL`.
   */
  commit(commit: Commit): Promise<"committed" | "conflict">
}

/** Whether a value is what it should be, where it may also be that there is none. */
export function isSame(left: Uint8Array | undefined, right: Uint8Array | undefined): boolean {
  return left === undefined || right === undefined ? left === right : equalBytes(left, right)
}
