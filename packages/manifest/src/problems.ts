import { ManifestError, type ManifestErrorCode, type ManifestProblem } from "./error.ts"
import { type JsonPlace } from "./json.ts"
import { Lines } from "./position.ts"

/** Nobody is told more than this: whoever makes a million mistakes is not worth the time to describe them all. */
export const MAX_PROBLEMS: number = 100

interface Found {
  readonly offset: number
  readonly problem: ManifestProblem
}

/** Collects what is wrong with one document, so that all of it can be told at once. */
export class Problems {
  readonly #text: string
  readonly #found: Found[] = []

  constructor(text: string) {
    this.#text = text
  }

  /** Notes one problem. */
  add(code: ManifestErrorCode, { path, offset }: JsonPlace, message: string): void {
    this.#found.push({ offset, problem: { code, path, message } })
    if (this.#found.length === MAX_PROBLEMS) this.throwIfAny()
  }

  /** How many there are: whoever finds more after reading a part knows that the part is worth nothing. */
  get count(): number {
    return this.#found.length
  }

  /** Refuses the document if anything was noted, in the order of the text. */
  throwIfAny(): void {
    if (this.#found.length === 0) return
    const lines = new Lines(this.#text)
    const inOrder = this.#found.toSorted((a, b) => a.offset - b.offset)
    const [first, ...others] = inOrder.map(({ offset, problem }) => ({ ...problem, ...lines.positionAt(offset) }))
    if (first !== undefined) throw new ManifestError([first, ...others])
  }
}
