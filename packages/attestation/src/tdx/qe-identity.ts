import type { JsonObject } from "./json-object.ts"
import { readStatement, type Statement } from "./statement.ts"
import { readSvnLevels, type SvnLevel } from "./tcb-info.ts"

/** Intel's statement about its quoting enclave (PCS API v4, enclave identity of version 2). Bytes are lower-case hex. */
export interface QeIdentity extends Statement {
  readonly miscSelect: string
  readonly miscSelectMask: string
  readonly attributes: string
  readonly attributesMask: string
  readonly mrSigner: string
  readonly isvProdId: number
  /** Newest first. */
  readonly levels: readonly SvnLevel[]
}

const VERSION = 2

/** Reads the content of an enclave identity. @throws RangeError on anything that is not of version 2. */
export function parseQeIdentity(content: JsonObject): QeIdentity {
  return {
    ...readStatement(content, VERSION),
    miscSelect: content.hex("miscselect", 4),
    miscSelectMask: content.hex("miscselectMask", 4),
    attributes: content.hex("attributes", 16),
    attributesMask: content.hex("attributesMask", 16),
    mrSigner: content.hex("mrsigner", 32),
    isvProdId: content.integer("isvprodid", 0xffff),
    levels: readSvnLevels(content),
  }
}
