/** The part that we read of a report in the schema of mutation testing elements. */
interface ReportJson {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>
}

/** What became of mutants. */
export interface MutationScore {
  /** A test failed, or ran out of time. */
  readonly killed: number
  readonly survived: number
  /** No test ran through them. */
  readonly uncovered: number
}

/** Counts the mutants of a report, file by file; those that were ignored or do not compile count for nothing. */
export function readMutationReport(text: string): ReadonlyMap<string, MutationScore> {
  const { files } = JSON.parse(text) as ReportJson // Stryker wrote it a moment ago
  return new Map(
    Object.entries(files).map(([file, { mutants }]) => [file, scoreOf(mutants.map(({ status }) => status))]),
  )
}

function scoreOf(statuses: readonly string[]): MutationScore {
  const count = (...wanted: readonly string[]): number => statuses.filter((status) => wanted.includes(status)).length
  return { killed: count("Killed", "Timeout"), survived: count("Survived"), uncovered: count("NoCoverage") }
}

export function addScores(one: MutationScore, other: MutationScore): MutationScore {
  return {
    killed: one.killed + other.killed,
    survived: one.survived + other.survived,
    uncovered: one.uncovered + other.uncovered,
  }
}
