import { equalBytes } from "@contrast/crypto"
import { requireContent } from "./content.ts"
import { ManifestError } from "./error.ts"
import { NO_TRANSITION, type Transition, parseTransition } from "./transition.ts"

/** Where a history is kept. Nothing that it answers is trusted, save that it bounds what it reads. */
export interface HistoryReader {
  /** The manifest with this hash; `undefined` if there is none. */
  manifest(hash: Uint8Array): Promise<Uint8Array | undefined>
  /** The encoded transition with this hash; `undefined` if there is none. */
  transition(hash: Uint8Array): Promise<Uint8Array | undefined>
}

/** One step of a history with what it set. */
export interface HistoryEntry {
  readonly transitionHash: Uint8Array
  readonly transition: Transition
  readonly manifestBytes: Uint8Array
}

/** Longest history that is walked. */
export const MAX_TRANSITIONS: number = 100_000

/** Manifests are asked for so many at a time. */
const MANIFESTS_AT_ONCE = 64

interface Step {
  readonly transitionHash: Uint8Array
  readonly transition: Transition
}

/**
 * Reads a history from its end to its beginning, and checks that everything in it is what its hash says.
 *
 * Whether the end is the right one is the caller's to know: by {@link verifyLatestTransition}, and by remembering it.
 *
 * @param latestHash - Hash of the last transition; {@link NO_TRANSITION} is the end of an empty history.
 * @param maxTransitions - Refuses anything longer.
 * @returns The steps, oldest first.
 * @throws {@link ManifestError} `HISTORY_MISSING`, `HISTORY_HASH`, `TRANSITION_SIZE` or `HISTORY_LENGTH`; the path is the object's key in the store.
 *   Whatever the reader throws comes through.
 */
export async function walkHistory(
  reader: HistoryReader,
  latestHash: Uint8Array,
  maxTransitions: number = MAX_TRANSITIONS,
): Promise<readonly HistoryEntry[]> {
  const steps = await readSteps(reader, latestHash, maxTransitions)
  const entries: HistoryEntry[] = []
  for (let start = 0; start < steps.length; start += MANIFESTS_AT_ONCE) {
    const some = steps.slice(start, start + MANIFESTS_AT_ONCE)
    entries.push(...(await Promise.all(some.map((step) => readEntry(reader, step)))))
  }
  return entries
}

/** No step can come twice, since it would contain its own hash; so the walk ends, at the latest at the limit. */
async function readSteps(reader: HistoryReader, latestHash: Uint8Array, maxTransitions: number): Promise<Step[]> {
  const steps: Step[] = []
  let hash = latestHash
  while (!equalBytes(hash, NO_TRANSITION)) {
    if (steps.length === maxTransitions) {
      const message = `expected at most ${maxTransitions} transitions, there are more`
      throw new ManifestError([{ code: "HISTORY_LENGTH", path: "transitions", message }])
    }
    const transition = parseTransition(requireContent("transitions", hash, await reader.transition(hash)))
    steps.push({ transitionHash: hash, transition })
    hash = transition.previousTransitionHash
  }
  return steps.reverse()
}

async function readEntry(reader: HistoryReader, step: Step): Promise<HistoryEntry> {
  const hash = step.transition.manifestHash
  return { ...step, manifestBytes: requireContent("manifests", hash, await reader.manifest(hash)) }
}
