/** Waits until others let go of a volume. */
import { setTimeout as delay } from "node:timers/promises"
import { InitializerError } from "./error.ts"

const RETRY_MS = 500
// Kubernetes kills what has not ended 30 seconds after it was told to.
const LIMIT_MS = 20_000

/**
 * Tries until nothing is in use any more.
 *
 * @param attempt - Gives the error that says what is still in use, or `undefined` when it is done; what it throws ends it.
 * @throws {@link InitializerError} `VOLUME_BUSY` when the time is up.
 */
export async function whenFree(
  name: string,
  attempt: () => Promise<InitializerError | undefined>,
  limitMs: number = LIMIT_MS,
): Promise<void> {
  const endMs = performance.now() + limitMs
  for (;;) {
    const cause = await attempt()
    if (cause === undefined) return
    if (performance.now() >= endMs) {
      throw new InitializerError("VOLUME_BUSY", `${name} is still in use; let its users end first`, { cause })
    }
    await delay(RETRY_MS)
  }
}
