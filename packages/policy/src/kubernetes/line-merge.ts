/** A text as it was written, and its printed forms before and after an edit. */
export interface LineMerge {
  readonly source: string
  readonly before: string
  readonly after: string
  /** Ends the lines that are taken from `after`. */
  readonly lineEnd: string
}

/** Past this many lines that differ, the search for the equal ones would take too long. */
const MAX_DIFFERENCES = 1000

/**
 * Carries an edit over to the text as it was written: lines that the edit leaves alone keep their bytes, also where
 * they are printed in another way. The result may be wrong, as lines know nothing of what they say: read it again.
 *
 * @returns `undefined` if the texts differ too much.
 */
export function mergeLines({ source, before, after, lineEnd }: LineMerge): string | undefined {
  const lines = { written: splitLines(source), printed: splitLines(before), edited: splitLines(after) }
  const places = findCommonPlaces(lines)
  if (places === undefined) {
    return undefined
  }
  const merged: string[] = []
  const indentation = new Indentation()
  const adapt = (line: string): string => indentation.adapt(line).replace("\n", lineEnd)
  let from: Place = { written: 0, printed: 0, edited: 0 }
  for (const place of places) {
    merged.push(...mergeBetween(cutLines(lines, from, place), adapt))
    merged.push(...lines.written.slice(place.written, place.written + 1))
    indentation.learn(lines.printed[place.printed] ?? "", lines.written[place.written] ?? "")
    from = { written: place.written + 1, printed: place.printed + 1, edited: place.edited + 1 }
  }
  return merged.map((line, index) => (index + 1 < merged.length ? endLine(line, lineEnd) : line)).join("")
}

interface Lines {
  readonly written: readonly string[]
  readonly printed: readonly string[]
  readonly edited: readonly string[]
}

/** Where a line stands in each of the texts. */
interface Place {
  readonly written: number
  readonly printed: number
  readonly edited: number
}

/** The places of lines that are the same in all three texts, and as the last one their ends. */
function findCommonPlaces({ written, printed, edited }: Lines): readonly Place[] | undefined {
  const inSource = alignLines(printed.map(withoutSpace), written.map(withoutSpace))
  const inEdit = alignLines(printed, edited)
  if (inSource === undefined || inEdit === undefined) {
    return undefined
  }
  const common = printed.flatMap((_line, index) => {
    const [writtenAt, editedAt] = [inSource[index], inEdit[index]]
    const isCommon = writtenAt !== undefined && editedAt !== undefined
    return isCommon ? [{ written: writtenAt, printed: index, edited: editedAt }] : []
  })
  return [...common, { written: written.length, printed: printed.length, edited: edited.length }]
}

function cutLines({ written, printed, edited }: Lines, from: Place, to: Place): Lines {
  return {
    written: written.slice(from.written, to.written),
    printed: printed.slice(from.printed, to.printed),
    edited: edited.slice(from.edited, to.edited),
  }
}

/** What stands between lines that are the same in all three texts. */
function mergeBetween({ written, printed, edited }: Lines, adapt: (line: string) => string): readonly string[] {
  const added = edited.length - printed.length
  const isPrinted = (line: string, index: number): boolean => line === printed[index]
  if (added >= 0 && edited.slice(0, printed.length).every(isPrinted)) {
    // Blank lines at the end of a document are not printed: what comes last comes before them.
    const end = written.findLastIndex((line) => line.trim() !== "") + 1
    return [...written.slice(0, end), ...edited.slice(printed.length).map(adapt), ...written.slice(end)]
  }
  if (added >= 0 && edited.slice(added).every(isPrinted)) {
    return [...edited.slice(0, added).map(adapt), ...written]
  }
  const isLineByLine = added === 0 && written.length === printed.length
  return edited.map((line, index) => (isLineByLine && isPrinted(line, index) && written[index]) || adapt(line))
}

/** How far the lines around a place are indented as they were written, by how far they are printed. */
class Indentation {
  #widths: readonly (readonly [printed: number, written: number])[] = []

  learn(printed: string, written: string): void {
    if (printed.trim() !== "") {
      const width = widthOf(printed)
      this.#widths = [...this.#widths.filter(([other]) => other < width), [width, widthOf(written)]]
    }
  }

  /** Indents a printed line as the lines before it that it belongs to. */
  adapt(line: string): string {
    const width = widthOf(line)
    const [printed, written] = this.#widths.findLast(([other]) => other <= width) ?? [0, 0]
    return line.trim() === "" ? line : " ".repeat(width - printed + written) + line.slice(width)
  }
}

function widthOf(line: string): number {
  return line.length - line.trimStart().length
}

/** The lines of a text, with their ends. */
function splitLines(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

function withoutSpace(line: string): string {
  return line.replace(/\s+/g, "")
}

function endLine(line: string, lineEnd: string): string {
  return line.endsWith("\n") ? line : `${line}${lineEnd}`
}

/**
 * Pairs equal lines, in order, so that as few as possible stay single (Myers, "An O(ND) difference algorithm").
 *
 * @returns For each line of `from` its place in `to`, if it has one.
 */
function alignLines(from: readonly string[], to: readonly string[]): readonly (number | undefined)[] | undefined {
  const reach = new Int32Array(2 * MAX_DIFFERENCES + 3)
  const trace: Int32Array[] = []
  for (let differences = 0; differences <= MAX_DIFFERENCES; differences++) {
    trace.push(reach.slice())
    for (let diagonal = -differences; diagonal <= differences; diagonal += 2) {
      const before = stepFrom(reach, diagonal, differences)
      let at = reached(reach, before) + (before < diagonal ? 1 : 0)
      while (at < from.length && at - diagonal < to.length && from[at] === to[at - diagonal]) {
        at += 1
      }
      reach[diagonal + MAX_DIFFERENCES + 1] = at
      if (at >= from.length && at - diagonal >= to.length) {
        return trackBack(trace, from.length, to.length)
      }
    }
  }
  return undefined
}

/** The neighbouring diagonal from which a path gets further. */
function stepFrom(reach: Int32Array, diagonal: number, differences: number): number {
  const isDown =
    diagonal === -differences ||
    (diagonal !== differences && reached(reach, diagonal - 1) < reached(reach, diagonal + 1))
  return isDown ? diagonal + 1 : diagonal - 1
}

function reached(reach: Int32Array, diagonal: number): number {
  return reach[diagonal + MAX_DIFFERENCES + 1] ?? 0
}

function trackBack(
  trace: readonly Int32Array[],
  fromLength: number,
  toLength: number,
): readonly (number | undefined)[] {
  const places: (number | undefined)[] = Array.from({ length: fromLength }, () => undefined)
  let [at, place] = [fromLength, toLength]
  for (const [differences, reach] of [...trace.entries()].reverse()) {
    const before = stepFrom(reach, at - place, differences)
    const start = reached(reach, before)
    while (at > start && place > start - before) {
      at -= 1
      place -= 1
      places[at] = place
    }
    at = start
    place = start - before
  }
  return places
}
