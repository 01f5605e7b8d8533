/** What a check shows of something that no source had: why, if anyone knows. */
export function describeAbsence(problems: readonly string[]): string {
  return problems.length === 0 ? "absent" : `absent: ${problems.join("; ")}`
}
