import type { Trust } from "@contrast/attestation"
import type { HistoryStore } from "../history/history-store.ts"
import type { Log } from "../log.ts"
import type { StateGuard } from "./state-guard.ts"

/** What the operations on the Coordinator's state work with. */
export interface Coordinator {
  readonly guard: StateGuard
  readonly store: HistoryStore
  /** Whether this Coordinator is for development: it then takes insecure manifests, and only those. */
  readonly allowInsecure: boolean
  /** What evidence is judged with besides the manifest. */
  readonly trust: Trust
  readonly now: () => Date
  readonly log: Log
  /** Other Coordinators of the deployment that hold its state; a user's recovery would leave them behind. */
  readonly findRecoveredPeers: () => Promise<readonly string[]>
}
