/** `, did you mean "Policies"?` for the known word that is nearest; nothing when in each more than a third is wrong. */
export function didYouMean(word: string, known: readonly string[]): string {
  const [nearest] = known
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance * 3 <= candidate.length)
    .toSorted((one, other) => one.distance - other.distance)
  return nearest === undefined ? "" : `, did you mean "${nearest.candidate}"?`
}

/** Letters to insert, delete or replace to make one word the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  // The work grows with a length that an attacker may have chosen, and so far apart no two words are near.
  if (from.length > 2 * to.length) return Infinity
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [index, letter] of Array.from(from).entries()) {
    const next = [index + 1]
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (row[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
