/** What the insecure platform attests for this workload: the digest of its initdata. */
import { readFile } from "node:fs/promises"
import { HOST_DATA_BYTES } from "@contrast/attestation"
import { decodeHex } from "@contrast/crypto"
import { InitializerError } from "./error.ts"

/** Where a guest of the insecure platform finds it. */
export const HOST_DATA_URL = "http://127.0.0.1:19629/hostdata"

const TIMEOUT_MS = 5000
const HEX = /^[0-9a-f]{64}$/i

/**
 * Reads the host data once.
 *
 * @param source - 64 hex digits, an `http://` address, or the path of a file of 32 bytes.
 * @throws {@link InitializerError} `HOST_DATA`.
 */
export async function readInsecureHostData(source: string): Promise<Uint8Array> {
  if (HEX.test(source)) return decodeHex(source)
  const read = source.startsWith("http://") ? fetchBytes(source) : readFile(source)
  const bytes = await read.catch((cause: unknown) => {
    throw new InitializerError("HOST_DATA", `cannot read host data from ${source}`, { cause })
  })
  if (bytes.length === HOST_DATA_BYTES) return Uint8Array.from(bytes)
  throw new InitializerError(
    "HOST_DATA",
    `expected ${HOST_DATA_BYTES} bytes of host data from ${source}, got ${bytes.length}`,
  )
}

/** The server is part of the guest, so its answer is not bounded beyond the time it may take. */
async function fetchBytes(url: string): Promise<Uint8Array> {
  const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) })
  if (!response.ok) throw new InitializerError("HOST_DATA", `${url} answered ${response.status}`)
  return response.bytes()
}
