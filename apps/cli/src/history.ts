import { encodeHex, equalBytes } from "@contrast/crypto"
import { NO_TRANSITION, nextTransition, transitionHash } from "@contrast/manifest"
import { type GetManifestsResponse, ProtocolError } from "@contrast/protocol"
import type { Coordinator } from "./coordinator/connection.ts"
import { CliError } from "./error.ts"
import type { Output } from "./output.ts"

/** What a Coordinator has told of its history: one manifest at least. */
export interface History {
  readonly response: GetManifestsResponse
  /** Hash of the transition to each manifest, oldest first, computed from the manifests themselves. */
  readonly transitions: readonly Uint8Array[]
  /** The last of them. */
  readonly latest: Uint8Array
}

/** What to make of a Coordinator that is not as it was seen before. */
export interface SeenRule {
  /** Go on, and say so loudly. */
  readonly acceptRollback: boolean
  readonly output: Output
}

/**
 * Asks a Coordinator for all its manifests.
 *
 * Its signature of the latest transition is of no use here: the key is not known to anyone outside. What binds the
 * history is that the Coordinator attested, and that the chain contains what was seen before.
 *
 * @throws {@link CliError} `HISTORY_EMPTY`, or `ANSWER` when the answer contradicts itself; `ProtocolError`.
 */
export async function fetchHistory(coordinator: Coordinator): Promise<History> {
  const response = await coordinator.getManifests()
  const transitions = chain(response.Manifests)
  const latest = transitions.at(-1)
  if (latest === undefined) {
    throw new CliError("HISTORY_EMPTY", "the Coordinator has no manifest", { hint: "run contrast set" })
  }
  const told = response.LatestTransition?.TransitionHash // absent at older releases
  if (told !== undefined && !equalBytes(told, latest)) {
    throw new CliError("ANSWER", "the Coordinator names a latest transition that does not follow from its manifests", {
      hint: "do not trust this Coordinator; keep what it answered and find out who runs it",
    })
  }
  return { response, transitions, latest }
}

/** As {@link fetchHistory}, but a Coordinator without any manifest has none. */
export async function findHistory(coordinator: Coordinator): Promise<History | undefined> {
  try {
    return await fetchHistory(coordinator)
  } catch (error) {
    if (error instanceof ProtocolError && error.code === "NO_MANIFEST") return undefined
    throw error
  }
}

/**
 * Refuses a history without the transition that was seen before: old data may have been put back, which no
 * signature would show.
 *
 * @throws {@link CliError} `HISTORY_ROLLBACK`, unless that is accepted, which is said loudly.
 */
export function requireContained(
  transitions: readonly Uint8Array[],
  seen: Uint8Array | undefined,
  { acceptRollback, output }: SeenRule,
): void {
  if (seen === undefined || transitions.some((hash) => equalBytes(hash, seen))) return
  const message = `the Coordinator's history of ${transitions.length} manifests lacks transition ${encodeHex(seen)}, which was seen before`
  if (acceptRollback) {
    output.warn(`ROLLBACK ACCEPTED: ${message}`)
    return
  }
  throw new CliError("HISTORY_ROLLBACK", message, {
    hint:
      "its data may be lost, rolled back or replaced: put the newer history back (verify/history.yml holds it); " +
      "--accept-rollback gives up what was set, and after a lost history all secrets",
  })
}

function chain(manifests: readonly Uint8Array[]): readonly Uint8Array[] {
  const hashes: Uint8Array[] = []
  for (const manifest of manifests) {
    hashes.push(transitionHash(nextTransition(manifest, hashes.at(-1) ?? NO_TRANSITION)))
  }
  return hashes
}
