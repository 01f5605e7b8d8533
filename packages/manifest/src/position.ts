/** A place in a text, both counted from 1; columns in UTF-16 units, as editors do. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Where the lines of a text begin, found in one pass: whoever makes many mistakes in many lines must not cost more. */
export class Lines {
  readonly #starts: Uint32Array

  /** @param text - Only a line feed ends a line. */
  constructor(text: string) {
    let count = 0
    forEachLineFeed(text, () => (count += 1))
    const starts = new Uint32Array(count + 1)
    let line = 0
    forEachLineFeed(text, (end) => (starts[++line] = end + 1))
    this.#starts = starts
  }

  /** The line and column of an offset. */
  positionAt(offset: number): Position {
    let [line, beyond] = [0, this.#starts.length]
    while (beyond - line > 1) {
      const middle = (line + beyond) >>> 1
      if (this.#startOf(middle) <= offset) line = middle
      else beyond = middle
    }
    return { line: line + 1, column: offset - this.#startOf(line) + 1 }
  }

  #startOf(line: number): number {
    return this.#starts[line] ?? 0
  }
}

function forEachLineFeed(text: string, act: (offset: number) => void): void {
  for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", end + 1)) act(end)
}
