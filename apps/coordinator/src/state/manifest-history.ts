import type { ContentKind } from "@contrast/manifest"
import { CoordinatorError } from "../error.ts"
import { readingHistory, readObject } from "../history/history.ts"
import type { Coordinator } from "./coordinator.ts"
import { needsRecovery } from "./state-guard.ts"
import type { State } from "./state.ts"

/** All that a verifier needs to see what was ever in force. */
export interface ManifestHistory {
  readonly state: State
  /** Oldest first; the last one is in force. */
  readonly manifests: readonly Uint8Array[]
  readonly policies: readonly Uint8Array[]
}

/** Size of what {@link readManifestHistory} would read now. */
export function historyBytes({ guard }: Pick<Coordinator, "guard">): number {
  const situation = guard.current()
  return situation.kind === "active" ? situation.state.history.bytes : 0
}

/**
 * Reads every manifest that was ever set, with every policy that they name.
 *
 * @param signal - Nobody needs it any more; its reason is thrown.
 * @throws {@link CoordinatorError} `NO_MANIFEST`, `NEEDS_RECOVERY`, `HISTORY_DAMAGED` or `STORE`.
 */
export async function readManifestHistory(
  { guard, store }: Coordinator,
  signal?: AbortSignal,
): Promise<ManifestHistory> {
  const situation = guard.current()
  switch (situation.kind) {
    case "uninitialised":
      throw new CoordinatorError("NO_MANIFEST", "no manifest configured")
    case "needs-recovery":
      throw needsRecovery()
    case "active":
  }
  const { state } = situation
  const readAll = async (kind: ContentKind, hashes: Iterable<string>): Promise<readonly Uint8Array[]> => {
    const objects: Uint8Array[] = []
    for (const hash of hashes) {
      signal?.throwIfAborted()
      objects.push(await readObject(store, kind, hash))
    }
    return objects
  }
  return readingHistory("HISTORY_DAMAGED", "getting history", async () => ({
    state,
    manifests: await readAll("manifests", state.history.manifests),
    policies: await readAll("policies", state.history.policies),
  }))
}
