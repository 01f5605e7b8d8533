import { CoordinatorError } from "../error.ts"
import type { State } from "./state.ts"

/** Where the Coordinator stands: nothing was ever set, or it has a state, or there is a history that it cannot sign. */
export type Situation =
  | { readonly kind: "uninitialised" }
  | { readonly kind: "needs-recovery" }
  | { readonly kind: "active"; readonly state: State }

/**
 * Holds the one immutable situation. Whoever changes it names the situation that the change was computed from, so that
 * of two changes from the same situation one takes effect and the other is told.
 */
export class StateGuard {
  #situation: Situation
  #changesInProgress = 0
  readonly #changed: (situation: Situation) => void

  /** @param changed - Told of each new situation, the first included. */
  constructor(isPersisted: boolean, changed: (situation: Situation) => void) {
    this.#changed = changed
    this.#situation = { kind: isPersisted ? "needs-recovery" : "uninitialised" }
    changed(this.#situation)
  }

  /** To be read once per request; what follows refers to that. */
  current(): Situation {
    return this.#situation
  }

  /** Puts a new state in place of the expected situation; `false` if that is no longer the current one. */
  compareAndSwap(expected: Situation, state: State): boolean {
    if (this.#situation !== expected) return false
    this.#change({ kind: "active", state })
    return true
  }

  /** Runs what changes the store before it changes the situation. */
  async changing<T>(change: () => Promise<T>): Promise<T> {
    this.#changesInProgress += 1
    try {
      return await change()
    } finally {
      this.#changesInProgress -= 1
    }
  }

  /** Whether the store may be ahead of the situation through this Coordinator's own doing. */
  isChanging(): boolean {
    return this.#changesInProgress > 0
  }

  /** Marks a situation as stale: someone else has moved the history on. Only a recovery leads out of it. */
  markStale(situation: Situation): void {
    if (this.#situation === situation) this.#change({ kind: "needs-recovery" })
  }

  #change(situation: Situation): void {
    this.#situation = situation
    this.#changed(situation)
  }
}

/** The refusal of a Coordinator that must be recovered first. */
export function needsRecovery(): CoordinatorError {
  return new CoordinatorError("NEEDS_RECOVERY", "coordinator is in recovery mode")
}
