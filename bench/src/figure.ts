/** One line of the table. */
export interface Figure {
  readonly name: string
  readonly value: string
  /** What it should be, where there is a goal, and whether it is. */
  readonly goal?: { readonly text: string; readonly isMet: boolean }
}

export function printFigures(figures: readonly Figure[]): void {
  const width = Math.max(...figures.map((figure) => figure.name.length))
  const valueWidth = Math.max(...figures.map((figure) => figure.value.length))
  for (const { name, value, goal } of figures) {
    const verdict = goal === undefined ? "" : `goal ${goal.text}: ${goal.isMet ? "met" : "MISSED"}`
    console.log(`${name.padEnd(width)}  ${value.padStart(valueWidth)}  ${verdict}`.trimEnd())
  }
}

export function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} ms`
}

/** The value below which the given share of the samples lies. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((left, right) => left - right)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  if (value === undefined) throw new RangeError("expected at least one sample, got none")
  return value
}

export async function timeMs(act: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await act()
  return performance.now() - started
}
