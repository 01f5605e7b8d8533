import type { Commit } from "../../src/history/history-store.ts"
import { MemoryStore } from "./memory-store.ts"

/** A store whose commits wait until the test lets them go. */
export class SlowStore extends MemoryStore {
  readonly #arrival = Promise.withResolvers<undefined>()
  readonly #release = Promise.withResolvers<undefined>()

  /** When the first commit has come. */
  get arrival(): Promise<undefined> {
    return this.#arrival.promise
  }

  release(): void {
    this.#release.resolve(undefined)
  }

  override async commit(commit: Commit): Promise<"committed" | "conflict"> {
    this.#arrival.resolve(undefined)
    await this.#release.promise
    return super.commit(commit)
  }
}
