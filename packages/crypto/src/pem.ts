import { decodeBase64, decodeUtf8, encodeBase64 } from "./bytes.ts"
import { CryptoError } from "./error.ts"

const LINE_CHARACTERS = 64
const MAX_PEM_CHARACTERS = 1024 * 1024
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n([A-Za-z0-9+/=\r\n]+?)\r?\n-----END \1-----/g

/** PEM text of one block (RFC 7468 §2): 64 characters a line, ending in a newline. */
export function encodePem(label: string, der: Uint8Array): string {
  const lines = encodeBase64(der).match(new RegExp(`.{1,${LINE_CHARACTERS}}`, "g")) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n")
}

/**
 * The contents of a PEM text whose blocks all carry the label, in order. White space around blocks is fine, other text is not.
 *
 * @returns At least one content; DER by convention, not checked.
 * @throws {@link CryptoError} `PEM` when there is no block, another block, other text, broken base64, or over 1 MiB of text.
 */
export function parsePem(pem: string | Uint8Array, label: string): readonly [Uint8Array, ...Uint8Array[]] {
  const text = typeof pem === "string" ? pem : decodeText(pem)
  if (text.length > MAX_PEM_CHARACTERS) {
    throw new CryptoError("PEM", `expected at most ${MAX_PEM_CHARACTERS} characters of PEM, got ${text.length}`)
  }
  if (text.replaceAll(BLOCK, "").trim() !== "") {
    throw new CryptoError("PEM", `expected PEM blocks "${label}" and nothing else`)
  }
  const [first, ...others] = [...text.matchAll(BLOCK)].map(([, found = "", body = ""]) =>
    parseBlock(label, found, body),
  )
  if (first === undefined) {
    throw new CryptoError("PEM", `expected a PEM block "${label}", got none`)
  }
  return [first, ...others]
}

/** What a PEM text holds, for messages: its first label, never its content. */
export function describePem(pem: string): string {
  const label = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(pem)?.[1]
  return label === undefined ? "no PEM block" : `a "${label}" block`
}

function parseBlock(label: string, found: string, body: string): Uint8Array {
  if (found !== label) {
    throw new CryptoError("PEM", `expected a PEM block "${label}", got "${found}"`)
  }
  try {
    return decodeBase64(body.replaceAll(/[\r\n]/g, ""))
  } catch (cause) {
    throw new CryptoError("PEM", "expected base64 inside the PEM block", { cause })
  }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes)
  } catch (cause) {
    throw new CryptoError("PEM", "expected PEM text", { cause })
  }
}
