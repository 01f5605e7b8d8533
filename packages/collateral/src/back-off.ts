const FIRST_WAIT_MS = 10_000
const LONGEST_WAIT_MS = 120_000
/** A vendor may ask for more time than this; it is asked again then, and may say so again. */
const LONGEST_RETRY_AFTER_MS = 60 * 60 * 1000

/** What decides how long to leave a vendor alone. */
export interface Refused {
  /** Failures in a row, this one included. */
  readonly failures: number
  /** What the vendor asked for. */
  readonly retryAfterMs: number | undefined
  /** From 0 to 1, so that many programs do not all come back together. */
  readonly random: number
}

/** How long to leave a vendor alone: as long as it asks, else 10 s, 20 s, 40 s … 2 min, and up to a quarter more. */
export function waitAfter({ failures, retryAfterMs, random }: Refused): number {
  if (retryAfterMs !== undefined) return Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS)
  const wait = Math.min(FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 10), LONGEST_WAIT_MS)
  return wait * (1 + random / 4)
}

/** Reads `Retry-After` (RFC 9110 §10.2.3): seconds, or a date. `undefined` for anything else. */
export function parseRetryAfter(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000
  const date = /^[A-Z][a-z]{2}, [\w :]+ GMT$/.test(header) ? Date.parse(header) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime())
}
