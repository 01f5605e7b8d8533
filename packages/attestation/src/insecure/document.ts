import { decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } from "@contrast/crypto"
import { AttestationError } from "../error.ts"
import { REPORT_DATA_BYTES } from "../report-data.ts"

/** Size of the host data: the digest of the initdata. */
export const HOST_DATA_BYTES = 32

/** Evidence of the platform without a TEE: it says what a report would say, and proves nothing. */
export interface InsecureDocument {
  readonly reportData: Uint8Array
  readonly hostData: Uint8Array
}

/** Far more than two base64 strings need. */
const MAX_BYTES = 1024

/** Writes the JSON document. */
export function encodeInsecureDocument({ reportData, hostData }: InsecureDocument): Uint8Array {
  return encodeUtf8(JSON.stringify({ reportData: encodeBase64(reportData), hostData: encodeBase64(hostData) }))
}

/**
 * Reads the JSON document.
 *
 * @throws {@link AttestationError} `EVIDENCE_FORM`.
 */
export function parseInsecureDocument(bytes: Uint8Array): InsecureDocument {
  if (bytes.length > MAX_BYTES) throw new AttestationError("EVIDENCE_FORM", `expected at most ${MAX_BYTES} bytes`)
  try {
    return readDocument(decodeUtf8(bytes))
  } catch (cause) {
    const message = `expected JSON of reportData (${REPORT_DATA_BYTES} bytes) and hostData (${HOST_DATA_BYTES} bytes), base64`
    throw new AttestationError("EVIDENCE_FORM", message, { cause })
  }
}

function readDocument(text: string): InsecureDocument {
  const { reportData, hostData, ...others } = JSON.parse(text) as Record<string, unknown> // checked right below
  const document = {
    reportData: readBytes(reportData, REPORT_DATA_BYTES),
    hostData: readBytes(hostData, HOST_DATA_BYTES),
  }
  // A second occurrence of a key would have to make the text longer than what we would write.
  if (Object.keys(others).length > 0 || text.replace(/\s/g, "").length !== encodeInsecureDocument(document).length) {
    throw new RangeError("more than two members")
  }
  return document
}

function readBytes(value: unknown, size: number): Uint8Array {
  if (typeof value !== "string") throw new TypeError("not a string")
  const bytes = decodeBase64(value)
  if (bytes.length !== size) throw new RangeError(`${bytes.length} bytes for ${size}`)
  return bytes
}
