import type { Answer } from "./answer.ts"
import { parseRetryAfter } from "./back-off.ts"
import type { CollateralRequest } from "./request.ts"
import { systemCode } from "./system-code.ts"

/** What a question is put with. */
export interface Asking {
  readonly fetch: typeof globalThis.fetch
  readonly now: () => Date
  readonly timeoutMs: number
  /** Ends the question. */
  readonly signal: AbortSignal
}

const TOO_MANY_REQUESTS = 429
const NOT_FOUND = 404
const OK = 200

/** Asks once. Redirects are not followed, and no more is read than the question allows. Nothing is thrown. */
export async function httpGet(
  { url, maxBodyBytes }: CollateralRequest,
  { fetch, now, timeoutMs, signal: end }: Asking,
): Promise<Answer> {
  try {
    const signal = AbortSignal.any([end, AbortSignal.timeout(Math.max(1, Math.round(timeoutMs)))])
    // Compressed, a short answer could become a long one.
    const response = await fetch(url, { redirect: "manual", signal, headers: { "accept-encoding": "identity" } })
    if (response.status === OK) return await read(response, maxBodyBytes)
    await response.body?.cancel()
    return refusal(response, now())
  } catch (error) {
    return { kind: "later", reason: reasonOf(error), retryAfterMs: undefined }
  }
}

async function read(response: Response, maxBodyBytes: number): Promise<Answer> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += part.length
    // Leaving the loop closes the connection.
    if (size > maxBodyBytes) return { kind: "unusable", reason: `the answer is longer than ${maxBodyBytes} bytes` }
    parts.push(part)
  }
  return { kind: "found", body: new Uint8Array(Buffer.concat(parts)), headers: response.headers }
}

function refusal({ status, headers }: Response, now: Date): Answer {
  if (status === NOT_FOUND) return { kind: "absent" }
  if (status === TOO_MANY_REQUESTS || status >= 500) {
    const retryAfterMs = parseRetryAfter(headers.get("retry-after") ?? undefined, now)
    const reason = status === TOO_MANY_REQUESTS ? "it asks for fewer questions (429)" : `it failed (${status})`
    return { kind: "later", reason, retryAfterMs }
  }
  return { kind: "unusable", reason: `it answered with status ${status}` }
}

/** What `fetch` throws names the failure of the connection as its cause. */
function reasonOf(error: unknown): string {
  if (!isNamed(error)) return "unknown"
  if (error.name === "TimeoutError") return "no answer in time"
  const code = systemCode(error.cause)
  return code === undefined ? error.message : `no connection (${code})`
}

/** An error, whatever realm it is of. */
function isNamed(error: unknown): error is Error {
  return typeof error === "object" && error !== null && "name" in error && "message" in error
}
