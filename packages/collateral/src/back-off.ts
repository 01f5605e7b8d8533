const FIRST_WAIT_MS = 10_000
const LONGEST_WAIT_MS = 120_000
/** What a vendor gets of itself even if it asks for less, as one does whose clock is behind. */
const FIRST_FLOOR_MS = 1000

/** What decides how long to leave a vendor alone. */
export interface Refused {
  /** Failures in a row, this one included. */
  readonly failures: number
  /** What the vendor asked for. */
  readonly retryAfterMs: number | undefined
  /** From 0 to 1, so that many programs do not all come back together. */
  readonly random: number
}

/**
 * How long to leave a vendor alone: as long as it asks, and no less than 1 s, 2 s, 4 s …; if it does not say, 10 s, 20 s,
 * 40 s …, and up to a quarter more. What we choose ends at 2 min; what the vendor asks for has no end.
 */
export function waitAfter({ failures, retryAfterMs, random }: Refused): number {
  if (retryAfterMs !== undefined) return Math.max(retryAfterMs, doubled(FIRST_FLOOR_MS, failures))
  return doubled(FIRST_WAIT_MS, failures) * (1 + random / 4)
}

function doubled(firstMs: number, failures: number): number {
  return Math.min(firstMs * 2 ** Math.min(failures - 1, 10), LONGEST_WAIT_MS)
}

/** Reads `Retry-After` (RFC 9110 §10.2.3): seconds, or a date. `undefined` for anything else. */
export function parseRetryAfter(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000
  const date = /^[A-Z][a-z]{2}, [\w :]+ GMT$/.test(header) ? Date.parse(header) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime())
}
