/** A place in a text, both counted from 1; columns in UTF-16 units, as editors do. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** The line and column of an offset. Only a line feed ends a line. */
export function positionAt(text: string, offset: number): Position {
  let line = 1
  let lineStart = 0
  for (let end = text.indexOf("\n"); end !== -1 && end < offset; end = text.indexOf("\n", lineStart)) {
    line += 1
    lineStart = end + 1
  }
  return { line, column: offset - lineStart + 1 }
}
