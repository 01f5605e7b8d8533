/** How the steps of the story went; one that failed ends it before. */
export interface Tally {
  readonly played: number
  /** Steps that were left out for want of an external tool. */
  readonly skipped: number
  readonly seconds: number
}

/** What the demo says in the end. */
export function summarize({ played, skipped, seconds }: Tally): string {
  const steps = skipped === 0 ? `${played} steps` : `${played} of ${played + skipped} steps`
  const left = skipped === 0 ? "" : ` ${skipped} skipped, as said above.`
  return (
    `${steps} in ${seconds.toFixed(1)} s, all as they should be.${left} The Coordinator was lost and recovered; root CA key, ` +
    "signing key and workload secrets outlived it. All processes are stopped and the workspace is removed. To play it by " +
    "hand, follow the walk-through in README.md."
  )
}
