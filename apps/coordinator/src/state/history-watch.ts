import { setTimeout } from "node:timers/promises"
import { encodeHex } from "@contrast/crypto"
import { parseLatestTransition, verifyLatestTransition } from "@contrast/manifest"
import { CoordinatorError } from "../error.ts"
import { describeFailure } from "../failure.ts"
import type { LogFields } from "../log.ts"
import type { Coordinator } from "./coordinator.ts"
import type { Situation } from "./state-guard.ts"

/**
 * Looks whether somebody else has moved a shared history on. What this Coordinator holds is stale then, and it serves
 * nothing more until it is recovered.
 */
export class HistoryWatch {
  readonly #coordinator: Pick<Coordinator, "guard" | "store" | "log">
  /** What was last found wrong, so that it is told once and not at every look. */
  #complaint: LogFields["reason"]

  constructor(coordinator: Pick<Coordinator, "guard" | "store" | "log">) {
    this.#coordinator = coordinator
  }

  /** Looks every so often, until the signal. */
  async run(intervalMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look()
      await setTimeout(intervalMs, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }

  /** Looks once. Never throws: what it cannot read or believe changes nothing, and is logged. */
  async look(): Promise<void> {
    const { guard, store, log } = this.#coordinator
    const situation = guard.current()
    if (situation.kind === "needs-recovery" || guard.isChanging()) return
    try {
      const head = await store.latest()
      // A change of our own that has begun or ended meanwhile may be what was seen.
      if (guard.isChanging() || guard.current() !== situation) return
      if (isNews(head, situation)) {
        guard.markStale(situation)
        log.audit("somebody else has moved the history on, nothing is served until this Coordinator is recovered", {
          event: "history-overtaken",
        })
      }
      this.#complaint = undefined
    } catch (error) {
      const failure = describeFailure(error)
      if (failure.reason !== this.#complaint) log.warn("the history is not in its store as it should be", failure)
      this.#complaint = failure.reason
    }
  }
}

/**
 * Whether the head of the stored history is beyond what the situation knows.
 *
 * @throws {@link ManifestError} if the head is no work of this deployment's key; {@link CoordinatorError} `HISTORY_DAMAGED`
 *   if it is gone, or an older one.
 */
function isNews(head: Uint8Array | undefined, situation: Situation): boolean {
  if (situation.kind !== "active") return head !== undefined
  if (head === undefined) throw damaged("it is gone")
  const { seedEngine, history } = situation.state
  const latest = parseLatestTransition(head)
  verifyLatestTransition(seedEngine.transactionSigningKey, latest)
  const generation = history.transitions.indexOf(encodeHex(latest.transitionHash)) + 1
  if (generation === 0) return true
  if (generation < history.transitions.length) throw damaged(`it was rolled back to generation ${generation}`)
  return false
}

function damaged(what: string): CoordinatorError {
  return new CoordinatorError("HISTORY_DAMAGED", `the latest transition is not what was stored: ${what}`)
}
