import type { PublicationRoots } from "@contrast/attestation"
import type { Cache } from "./cache.ts"
import type { Entry } from "./entry.ts"
import type { CollateralEvents } from "./events.ts"
import { describeItem, type Item, itemName } from "./item.ts"
import { isFromVendor } from "./origin.ts"
import { findStanding, isOlder, type Standing } from "./standing.ts"
import { systemCode } from "./system-code.ts"

/** What is kept of an item: its vendor signed it. */
export interface KeptEntry extends Entry {
  readonly standing: Standing
}

/**
 * A cache that is not trusted: what it gives counts only if its vendor signed it, at every reading anew, and if this process
 * has seen nothing newer. Intel signs its earlier evaluations afresh for whoever asks, so a signature and a period alone would
 * let those who can write the cache bring back what was thought of a platform years ago.
 */
export class Shelf {
  readonly #cache: Cache
  readonly #roots: PublicationRoots | undefined
  readonly #events: CollateralEvents
  /** The newest of each piece that has an order. Only what a vendor signed gets in, so there is an end to it. */
  readonly #newest = new Map<string, KeptEntry>()

  constructor(cache: Cache, roots: PublicationRoots | undefined, events: CollateralEvents) {
    this.#cache = cache
    this.#roots = roots
    this.#events = events
  }

  async find(item: Item): Promise<KeptEntry | undefined> {
    const kept = await this.#findSigned(item)
    const newest = this.#newest.get(itemName(item))
    if (newest !== undefined && (kept === undefined || isOlder(item, kept.standing, newest.standing))) return newest
    if (kept !== undefined) this.#remember(kept)
    return kept
  }

  /** Keeps an entry, in memory at least. */
  async put(entry: KeptEntry): Promise<void> {
    this.#remember(entry)
    const { item, content, fetchedAt } = entry
    try {
      await this.#cache.write({ item, content, fetchedAt })
    } catch (error) {
      this.#events.problem(`the collateral cache cannot be written: ${systemCode(error) ?? "unexpected error"}`)
    }
  }

  #remember(entry: KeptEntry): void {
    if (entry.item.kind !== "vcek") this.#newest.set(itemName(entry.item), entry)
  }

  async #findSigned(item: Item): Promise<KeptEntry | undefined> {
    const entry = await this.#read(item)
    const standing = entry && findStanding(item, entry.content)
    if (entry === undefined || standing === undefined) return undefined
    if (isFromVendor(item, entry.content, this.#roots)) return { ...entry, standing }
    this.#events.problem(`the cache has something else in place of ${describeItem(item)}: its vendor did not sign it`)
    return undefined
  }

  async #read(item: Item): Promise<Entry | undefined> {
    try {
      return await this.#cache.read(item)
    } catch (error) {
      this.#events.problem(`the collateral cache cannot be read: ${systemCode(error) ?? "unexpected error"}`)
      return undefined
    }
  }
}
