import type { Freshness } from "@contrast/attestation"
import type { KeptEntry } from "./shelf.ts"

/** The time by the clock, and the moment that evidence is judged for: another one only when somebody looks back or ahead. */
export interface Moment {
  readonly now: Date
  readonly judgedAt: Date
}

const DAY_MS = 24 * 60 * 60 * 1000

/** What was fetched this recently is not fetched again: evidence that is refused must not set us upon a vendor. */
const SHORTEST_AGE_MS = 60_000

/**
 * Whether what is kept can be used without asking its vendor: a leaf to its end, for it never changes; AMD's lists for
 * half of their life; what Intel says for a day.
 */
export function isFresh(
  { item, standing, fetchedAt }: KeptEntry,
  { now, judgedAt }: Moment,
  freshness: Freshness,
): boolean {
  const ageMs = now.getTime() - fetchedAt.getTime()
  if (ageMs < 0) return false
  if (ageMs < SHORTEST_AGE_MS) return true
  if (freshness === "refresh" || judgedAt > standing.until) return false
  switch (item.kind) {
    case "vcek":
      return true
    case "amd-crl":
      return judgedAt.getTime() < (standing.from.getTime() + standing.until.getTime()) / 2
    case "tcb-info":
    case "qe-identity":
    case "pck-crl":
    case "root-crl":
      return ageMs < DAY_MS
  }
}
