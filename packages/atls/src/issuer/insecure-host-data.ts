import { readFile } from "node:fs/promises"
import { HOST_DATA_BYTES } from "@contrast/attestation"
import { concatBytes, decodeHex } from "@contrast/crypto"

/** Where a guest of the insecure platform finds the digest of its initdata. */
export const INSECURE_HOST_DATA_URL = "http://127.0.0.1:19629/hostdata"

const TIMEOUT_MS = 5000
const HEX = /^[0-9a-f]{64}$/i

/** Why there is no host data: nothing answered, which may pass, or something else did. */
export type HostDataErrorCode = "HOST_DATA_UNREADABLE" | "HOST_DATA_SIZE"

/** The insecure platform does not say what to attest. */
export class HostDataError extends Error {
  override readonly name = "HostDataError"
  readonly code: HostDataErrorCode

  constructor(code: HostDataErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/**
 * Reads, once, what the insecure platform attests for this guest: the digest of its initdata, 32 bytes.
 *
 * @param source - 64 hex digits, an `http://` address, or the path of a file.
 * @throws {@link HostDataError}
 */
export async function readInsecureHostData(source: string): Promise<Uint8Array> {
  if (HEX.test(source)) return decodeHex(source)
  const read = source.startsWith("http://") ? fetchBytes(source) : readFile(source)
  const bytes = await read.catch((cause: unknown) => {
    throw new HostDataError("HOST_DATA_UNREADABLE", `cannot read host data from ${source}`, { cause })
  })
  if (bytes.length === HOST_DATA_BYTES) return Uint8Array.from(bytes)
  throw new HostDataError("HOST_DATA_SIZE", `expected ${HOST_DATA_BYTES} bytes of host data from ${source}`)
}

async function fetchBytes(url: string): Promise<Uint8Array> {
  const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  const body: AsyncIterable<Uint8Array> | null = response.body
  let bytes: Uint8Array = new Uint8Array(0)
  for await (const chunk of body ?? []) {
    bytes = concatBytes(bytes, chunk)
    // One byte too many is enough to know.
    if (bytes.length > HOST_DATA_BYTES) break
  }
  return bytes
}
