import type { PublicationRoots } from "@contrast/attestation"
import type { Cache } from "./cache.ts"
import type { Entry } from "./entry.ts"
import type { CollateralEvents } from "./events.ts"
import { describeItem, type Item } from "./item.ts"
import { isFromVendor } from "./origin.ts"
import { findStanding, type Standing } from "./standing.ts"
import { systemCode } from "./system-code.ts"

/** What is kept of an item: its vendor signed it. */
export interface KeptEntry extends Entry {
  readonly standing: Standing
}

/** A cache that is not trusted: what it gives counts only if its vendor signed it, at every reading anew. */
export class Shelf {
  readonly #cache: Cache
  readonly #roots: PublicationRoots | undefined
  readonly #events: CollateralEvents

  constructor(cache: Cache, roots: PublicationRoots | undefined, events: CollateralEvents) {
    this.#cache = cache
    this.#roots = roots
    this.#events = events
  }

  async find(item: Item): Promise<KeptEntry | undefined> {
    const entry = await this.#read(item)
    const standing = entry && findStanding(item, entry.content)
    if (entry === undefined || standing === undefined) return undefined
    if (isFromVendor(item, entry.content, this.#roots)) return { ...entry, standing }
    this.#events.problem(`the cache has something else in place of ${describeItem(item)}: its vendor did not sign it`)
    return undefined
  }

  async put(entry: Entry): Promise<void> {
    try {
      await this.#cache.write(entry)
    } catch (error) {
      this.#events.problem(`the collateral cache cannot be written: ${systemCode(error) ?? "unexpected error"}`)
    }
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
