/** As long as what was fetched is not fetched again. */
const REMEMBERED_MS = 60_000
/** Evidence can name more than this in that time; the oldest is forgotten then, and may be asked for again. */
const MAX_REMEMBERED = 1000

/** Remembers for a while what a vendor said it does not have: evidence that is sent again asks the same again. */
export class Absences {
  readonly #sinceMs = new Map<string, number>()

  has(name: string, now: Date): boolean {
    const since = this.#sinceMs.get(name)
    return since !== undefined && now.getTime() - since < REMEMBERED_MS
  }

  add(name: string, now: Date): void {
    // Deleted first, so that the map stays in the order of time.
    this.#sinceMs.delete(name)
    this.#sinceMs.set(name, now.getTime())
    const [oldest] = this.#sinceMs.keys()
    if (this.#sinceMs.size > MAX_REMEMBERED && oldest !== undefined) this.#sinceMs.delete(oldest)
  }
}
