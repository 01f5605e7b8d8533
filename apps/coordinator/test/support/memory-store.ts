import type { ContentKind } from "@contrast/manifest"
import { CoordinatorError } from "../../src/error.ts"
import { isSame, type Commit, type HistoryStore } from "../../src/history/history-store.ts"

/** The history in memory, which a test can look at, alter and break. */
export class MemoryStore implements HistoryStore {
  readonly objects = new Map<string, Uint8Array>()
  head: Uint8Array | undefined
  /** While set, the store does not answer. */
  isBroken = false

  copy(): MemoryStore {
    const copy = new MemoryStore()
    copy.head = this.head
    for (const [name, bytes] of this.objects) copy.objects.set(name, bytes)
    return copy
  }

  latest(): Promise<Uint8Array | undefined> {
    return this.#answer(() => this.head)
  }

  read(kind: ContentKind, hash: string): Promise<Uint8Array | undefined> {
    return this.#answer(() => this.objects.get(`${kind}/${hash}`))
  }

  commit({ objects, expectedLatest, latest }: Commit): Promise<"committed" | "conflict"> {
    return this.#answer(() => {
      if (!isSame(this.head, expectedLatest)) return "conflict"
      for (const { kind, hash, bytes } of objects) this.objects.set(`${kind}/${hash}`, bytes)
      this.head = latest
      return "committed"
    })
  }

  async #answer<T>(act: () => T): Promise<T> {
    await Promise.resolve()
    if (this.isBroken) throw new CoordinatorError("STORE", "the store is broken")
    return act()
  }
}
