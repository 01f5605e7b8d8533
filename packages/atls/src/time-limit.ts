/** What ends a wait early. */
export interface TimeLimit {
  readonly timeoutMs: number
  /** The error when the time is over. */
  readonly expired: () => Error
  readonly signal?: AbortSignal | undefined
  /** The error when the signal comes. */
  readonly aborted?: () => Error
}

/** Waits for the work, but no longer than the limit. The work itself goes on; stopping it is for the caller. */
export async function waitWithin<Result>(work: Promise<Result>, limit: TimeLimit): Promise<Result> {
  const { timeoutMs, expired, signal, aborted = expired } = limit
  const stop = Promise.withResolvers<never>()
  const onAbort = (): void => {
    stop.reject(aborted())
  }
  const timer = setTimeout(() => {
    stop.reject(expired())
  }, timeoutMs)
  signal?.addEventListener("abort", onAbort)
  if (signal?.aborted) onAbort()
  try {
    return await Promise.race([work, stop.promise])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener("abort", onAbort)
  }
}
