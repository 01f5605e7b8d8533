import type { Entry } from "./entry.ts"
import { findItem, type Item, itemName } from "./item.ts"

/** Where collateral is kept between questions. What it gives is as untrusted as what it was given. */
export interface Cache {
  read(item: Item): Promise<Entry | undefined>
  write(entry: Entry): Promise<void>
  /** What is there, in the order of the names. */
  items(): Promise<readonly Item[]>
}

/** Keeps entries as long as the program runs. */
export function createMemoryCache(entries: readonly Entry[] = []): Cache {
  const byName = new Map(entries.map((entry) => [itemName(entry.item), entry]))
  return {
    read: (item) => Promise.resolve(byName.get(itemName(item))),
    write: (entry) => {
      byName.set(itemName(entry.item), entry)
      return Promise.resolve()
    },
    items: () => Promise.resolve([...byName.keys()].sort().flatMap((name) => findItem(name) ?? [])),
  }
}
