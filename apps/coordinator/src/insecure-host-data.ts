import { readFile } from "node:fs/promises"
import { setTimeout as delay } from "node:timers/promises"
import { HOST_DATA_BYTES } from "@contrast/attestation"
import { concatBytes, decodeHex } from "@contrast/crypto"
import { CoordinatorError } from "./error.ts"

/** Where a guest of the insecure platform finds the digest of its initdata. */
export const HOST_DATA_URL = "http://127.0.0.1:19629/hostdata"

const ATTEMPTS = 30
const ATTEMPT_INTERVAL_MS = 1_000
const ATTEMPT_TIMEOUT_MS = 5_000

/**
 * Reads what the insecure platform attests for this program: the digest of its initdata.
 *
 * @param source - 64 hex digits, an `http://` address, or the path of a file of 32 bytes. An address is tried for half a
 *   minute, for whatever serves it starts beside this program.
 * @throws {@link CoordinatorError} `HOST_DATA`.
 */
export async function readInsecureHostData(source: string): Promise<Uint8Array> {
  if (/^[0-9a-f]{64}$/i.test(source)) return decodeHex(source)
  const bytes = source.startsWith("http://") ? await fetchHostData(source) : await readHostData(source)
  if (bytes.length === HOST_DATA_BYTES) return bytes
  throw new CoordinatorError(
    "HOST_DATA",
    `expected host data of ${HOST_DATA_BYTES} bytes from ${source}, got ${bytes.length}`,
  )
}

async function readHostData(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path))
  } catch (cause) {
    throw new CoordinatorError("HOST_DATA", `cannot read host data from ${path}`, { cause })
  }
}

async function fetchHostData(url: string): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetchOnce(url)
    } catch (cause) {
      if (attempt === ATTEMPTS) throw new CoordinatorError("HOST_DATA", `cannot fetch host data from ${url}`, { cause })
      await delay(ATTEMPT_INTERVAL_MS)
    }
  }
}

async function fetchOnce(url: string): Promise<Uint8Array> {
  const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(ATTEMPT_TIMEOUT_MS) })
  if (!response.ok) throw new CoordinatorError("HOST_DATA", `${url} answered ${response.status}`)
  const chunks: Uint8Array[] = []
  const body: AsyncIterable<Uint8Array> | null = response.body
  for await (const chunk of body ?? []) {
    chunks.push(chunk)
    // One byte too many is enough to know.
    if (concatBytes(...chunks).length > HOST_DATA_BYTES) break
  }
  return concatBytes(...chunks)
}
