import { randomUUID } from "node:crypto"
import path from "node:path"
import { request, type TsmAnswer, type TsmRequest } from "./entry.ts"
import { TsmError } from "./error.ts"
import { describeSystemError, isPassing } from "./system-error.ts"

/** Where and how patiently to ask. */
export interface AttemptOptions extends TsmRequest {
  readonly directory: string
  readonly delay: (milliseconds: number) => Promise<unknown>
}

/** Before the second, third and fourth attempt. TDX asks a service on the host, which may take a second. */
const PAUSES_MS: readonly number[] = [100, 500, 2_000]

/**
 * Asks in a new entry for each attempt, until there is an answer.
 *
 * @throws {@link TsmError} `BUSY` after the last attempt, `REFUSED`, and what a request throws.
 */
export async function attempt(options: AttemptOptions): Promise<TsmAnswer> {
  let reason = ""
  for (const pauseMs of [0, ...PAUSES_MS]) {
    if (pauseMs > 0) await options.delay(pauseMs)
    try {
      const answer = await attemptOnce(options)
      if (answer !== undefined) return answer
      reason = "somebody else wrote to the entry"
    } catch (cause) {
      if (cause instanceof TsmError) throw cause
      reason = describeSystemError(cause)
      if (!isPassing(cause)) throw new TsmError("REFUSED", `the kernel refuses the request: ${reason}`, { cause })
    }
  }
  throw new TsmError("BUSY", `no evidence in ${PAUSES_MS.length + 1} attempts: ${reason}`)
}

async function attemptOnce(options: AttemptOptions): Promise<TsmAnswer | undefined> {
  const entry = path.join(options.directory, `contrast-${randomUUID()}`)
  await options.files.makeDirectory(entry)
  try {
    return await request(entry, options)
  } finally {
    // An entry that stays behind takes a little memory and does no harm; what was answered counts.
    await options.files.removeDirectory(entry).catch(() => undefined)
  }
}
