import { equalBytes } from "@contrast/crypto"
import { type ContentKind, historyConfigMapName, LATEST } from "@contrast/manifest"
import { CoordinatorError } from "../error.ts"
import type { ConfigMaps } from "./config-maps.ts"
import { isSame, type Commit, type HistoryStore, type StoredObject } from "./history-store.ts"

/** Options of {@link ConfigMapStore}. */
export interface ConfigMapStoreOptions {
  readonly configMaps: ConfigMaps
  /**
   * Called when it cannot be known whether the history has moved on. Must end the process: whoever was told that nothing
   * has changed might see it change later.
   */
  readonly stop: (error: CoordinatorError) => never
}

/**
 * The history as ConfigMaps of Kubernetes, one for each object, in the layout of the established implementation. It outlives
 * the pod on any runtime, and `kubectl apply --server-side` puts it back from what `contrast verify` keeps.
 *
 * What a commit left behind that failed half-way is never swept: it is named by its hash, and does no harm.
 */
export class ConfigMapStore implements HistoryStore {
  readonly #configMaps: ConfigMaps
  readonly #stop: ConfigMapStoreOptions["stop"]

  constructor({ configMaps, stop }: ConfigMapStoreOptions) {
    this.#configMaps = configMaps
    this.#stop = stop
  }

  async latest(): Promise<Uint8Array | undefined> {
    return (await this.#configMaps.find(LATEST))?.value
  }

  async read(kind: ContentKind, hash: string): Promise<Uint8Array | undefined> {
    return (await this.#configMaps.find({ kind, key: hash }))?.value
  }

  async commit({ objects, expectedLatest, latest }: Commit): Promise<"committed" | "conflict"> {
    const found = await this.#configMaps.find(LATEST)
    if (!isSame(found?.value, expectedLatest)) return "conflict"
    for (const object of objects) await this.#put(object)
    const next = { value: latest, resourceVersion: found?.resourceVersion ?? "" }
    try {
      const outcome = found
        ? await this.#configMaps.replace(LATEST, next)
        : await this.#configMaps.create(LATEST, latest)
      return outcome === "replaced" || outcome === "created" ? "committed" : "conflict"
    } catch (error) {
      return this.#settle(latest, error)
    }
  }

  /** Objects that are there already stay, unless they are not what their name says. */
  async #put({ kind, hash, bytes }: StoredObject): Promise<void> {
    const id = { kind, key: hash }
    try {
      if ((await this.#configMaps.create(id, bytes)) === "created") return
      const found = await this.#configMaps.find(id)
      if (found !== undefined && equalBytes(found.value, bytes)) return
      const next = { value: bytes, resourceVersion: found?.resourceVersion ?? "" }
      if (found !== undefined && (await this.#configMaps.replace(id, next)) === "replaced") return
      throw new CoordinatorError("STORE", `somebody else changes ConfigMap ${historyConfigMapName(id)}`)
    } catch (cause) {
      // Written or not, nothing names it yet.
      const fallback = `failed to write ${historyConfigMapName(id)}`
      throw new CoordinatorError("STORE", cause instanceof CoordinatorError ? cause.message : fallback, { cause })
    }
  }

  /** No answer came to the write that matters: it may have been done, or be done later. */
  async #settle(latest: Uint8Array, error: unknown): Promise<"committed"> {
    if (!(error instanceof CoordinatorError) || error.code !== "STORE_UNCERTAIN") throw error
    const found = await this.#configMaps.find(LATEST).catch(() => undefined)
    if (isSame(found?.value, latest)) return "committed"
    this.#stop(error)
  }
}
