/** Waiting times between attempts: doubling up to a limit, each shortened by chance so that pods do not knock in step. Pure. */

const FIRST_MS = 500
const LIMIT_MS = 10_000

/**
 * The time to wait after a failed attempt.
 *
 * @param attempt - 1 for the first.
 * @param chance - From 0 to 1, random.
 */
export function backOffMs(attempt: number, chance: number): number {
  const fullMs = Math.min(LIMIT_MS, FIRST_MS * 2 ** (attempt - 1))
  return Math.round(fullMs * (0.5 + chance / 2))
}
