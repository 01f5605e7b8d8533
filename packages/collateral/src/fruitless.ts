import type { Answer } from "./answer.ts"

/** An answer that asking again at once would bring again. */
export type FruitlessAnswer = Extract<Answer, { kind: "absent" | "unusable" }>

/** As long as what was asked for in vain is not asked for again. */
const REMEMBERED_MS = 60_000
/** Evidence can name more than this in that time; the oldest is forgotten then, and may be asked for again. */
const MAX_REMEMBERED = 1000

/** Remembers for a while what a vendor was asked for in vain: evidence that is sent again asks the same again. */
export class FruitlessQuestions {
  readonly #answers = new Map<string, { readonly sinceMs: number; readonly answer: FruitlessAnswer }>()

  find(name: string, now: Date): FruitlessAnswer | undefined {
    const known = this.#answers.get(name)
    if (known === undefined) return undefined
    const ageMs = now.getTime() - known.sinceMs
    // A clock that was set back makes it negative.
    return ageMs >= 0 && ageMs < REMEMBERED_MS ? known.answer : undefined
  }

  add(name: string, answer: FruitlessAnswer, now: Date): void {
    // Deleted first, so that the map stays in the order of time.
    this.#answers.delete(name)
    this.#answers.set(name, { sinceMs: now.getTime(), answer })
    const [oldest] = this.#answers.keys()
    if (this.#answers.size > MAX_REMEMBERED && oldest !== undefined) this.#answers.delete(oldest)
  }
}
