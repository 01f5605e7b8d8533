import { decodeHex, decodeUtf8, encodeUtf8 } from "@contrast/crypto"
import type { Content } from "./entry.ts"
import type { Item } from "./item.ts"
import type { CollateralRequest } from "./request.ts"

/** How a vendor answered. */
export type Answer =
  | { readonly kind: "found"; readonly body: Uint8Array; readonly headers: Headers }
  /** There is no such thing; asking again does not help. */
  | { readonly kind: "absent" }
  /** An answer that is of no use; asking again at once does not help. */
  | { readonly kind: "unusable"; readonly reason: string }
  /** No answer; it may come later. */
  | { readonly kind: "later"; readonly reason: string; readonly retryAfterMs: number | undefined }

/** Node refuses a longer header section by itself. */
const MAX_HEADER_CHARACTERS = 16 * 1024

/** Takes the content out of an answer; `undefined` if it cannot be there. */
export function findContent(
  item: Item,
  { chainHeader }: CollateralRequest,
  { body, headers }: Extract<Answer, { kind: "found" }>,
): Content | undefined {
  const content = { body: item.kind === "pck-crl" || item.kind === "root-crl" ? unwrapHex(body) : body }
  if (chainHeader === undefined) return content
  const issuerChain = findChain(headers.get(chainHeader))
  return issuerChain && { ...content, issuerChain }
}

/** The certificates are percent-encoded PEM. A plus sign is base64 there, and no space. */
function findChain(header: string | null): Uint8Array | undefined {
  if (header === null || header.length > MAX_HEADER_CHARACTERS) return undefined
  try {
    return encodeUtf8(decodeURIComponent(header))
  } catch {
    return undefined
  }
}

/** A PCCS sends lists as text of hexadecimal digits; a list itself begins with a byte that is none. */
function unwrapHex(body: Uint8Array): Uint8Array {
  try {
    return decodeHex(decodeUtf8(body).trim())
  } catch {
    return body
  }
}
