import type { CoordinatorError } from "../error.ts"
import { ConfigMapStore } from "./config-map-store.ts"
import { type ClusterAccess, openConfigMaps } from "./config-maps.ts"
import { openDataDirectory } from "./data-directory.ts"
import type { HistoryStore } from "./history-store.ts"

/** Where a history is kept. */
export type HistoryPlace =
  { readonly kind: "directory"; readonly path: string } | ({ readonly kind: "configmaps" } & ClusterAccess)

/** A history to read and change. */
export interface OpenHistory {
  readonly store: HistoryStore
  /** Whether another Coordinator may change it as well. */
  readonly isShared: boolean
  /** Gives it up. */
  close(): void
}

/**
 * Opens the history.
 *
 * @param stop - Called when it cannot be known whether the history has changed. Must end the process.
 * @throws {@link CoordinatorError} `DIRECTORY_IN_USE` or `STORE`.
 */
export async function openHistory(place: HistoryPlace, stop: (error: CoordinatorError) => never): Promise<OpenHistory> {
  if (place.kind === "directory") return { ...(await openDataDirectory(place.path, stop)), isShared: false }
  const configMaps = await openConfigMaps(place)
  return { store: new ConfigMapStore({ configMaps, stop }), isShared: true, close: () => undefined }
}
