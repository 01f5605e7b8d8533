/** Keys are counted each for itself up to this version, and all later ones of a workload together. */
export const LAST_COUNTED_VERSION = 256

/** What the count of the versions past {@link LAST_COUNTED_VERSION} is called. */
const LATER_VERSIONS = `>${LAST_COUNTED_VERSION}`

/** How many messages a key has encrypted; it is named by its ID and version, never by its bytes. */
export interface KeyCount {
  readonly id: string
  /** A number, or `>256` for all the keys past it together: none of them has encrypted more than that. */
  readonly version: string
  readonly messages: number
}

interface Tally {
  readonly id: string
  readonly slot: number
  messages: number
}

/**
 * Counts what each key has encrypted since the process started. Keys outlive manifests and recoveries, so the counts do.
 *
 * A caller is free to use any of 2^32 versions, so the counts of a workload have a bound. The IDs come from certificates
 * and so from manifests, whose owners bound them.
 */
export class EncryptionCounts {
  readonly #tallies = new Map<string, Map<number, Tally>>()
  #last: Tally | undefined

  /** Counts one message. */
  add(id: string, version: number): void {
    const slot = Math.min(version, LAST_COUNTED_VERSION + 1)
    // The items of a batch use one key, and most requests that of the one before.
    if (this.#last?.id !== id || this.#last.slot !== slot) this.#last = this.#find(id, slot)
    this.#last.messages += 1
  }

  list(): readonly KeyCount[] {
    return [...this.#tallies.values()]
      .flatMap((versions) => [...versions.values()])
      .map(({ id, slot, messages }) => ({ id, version: nameOf(slot), messages }))
  }

  #find(id: string, slot: number): Tally {
    const versions = this.#tallies.get(id) ?? new Map<number, Tally>()
    const tally = versions.get(slot) ?? { id, slot, messages: 0 }
    this.#tallies.set(id, versions.set(slot, tally))
    return tally
  }
}

function nameOf(slot: number): string {
  return slot > LAST_COUNTED_VERSION ? LATER_VERSIONS : String(slot)
}
