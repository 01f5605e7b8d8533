import { decodeUtf8, encodeHex, encodeUtf8, sha256 } from "@contrast/crypto"
import type { PolicyHash } from "@contrast/manifest"
import { TomlDate, parse } from "smol-toml"
import { PolicyError } from "./error.ts"
import { compareText } from "./text-order.ts"

/** Longest initdata document that is read. */
export const MAX_INITDATA_BYTES: number = 4 * 1024 * 1024

/** Key of the agent policy in {@link Initdata.data}. */
export const POLICY_KEY = "policy.rego"

/** Content of an initdata document: named texts for the guest, among them the agent policy. */
export interface Initdata {
  readonly data: ReadonlyMap<string, string>
}

/**
 * The TOML text of an initdata document, byte for byte as the established implementation writes it: keys sorted,
 * strings in single quotes unless they need an escape.
 *
 * @throws `CryptoError` `UTF8` on text with half a surrogate pair.
 */
export function encodeInitdata(initdata: Initdata): Uint8Array {
  const entries = [...initdata.data].sort(([a], [b]) => compareText(a, b))
  const lines = [
    "version = '0.1.0'",
    "algorithm = 'sha256'",
    "",
    "[data]",
    ...entries.map(([key, value]) => `${encodeKey(key)} = ${encodeString(value)}`),
  ]
  return encodeUtf8(lines.join("\n") + "\n")
}

/**
 * Reads an initdata document in any TOML form.
 *
 * @throws {@link PolicyError} `INITDATA` on anything but version 0.1.0 with algorithm SHA-256 (the only one that a
 * manifest can name) and a table of texts.
 */
export function readInitdata(toml: Uint8Array): Initdata {
  const { version, algorithm, data, ...unknown } = parseToml(toml)
  if (version !== "0.1.0") {
    throw new PolicyError("INITDATA", `expected version "0.1.0", got ${describe(version)}`)
  }
  if (typeof algorithm !== "string" || !/^sha-?256$/i.test(algorithm)) {
    throw new PolicyError("INITDATA", `expected algorithm "sha256", got ${describe(algorithm)}`)
  }
  const [foreign] = Object.keys(unknown)
  if (foreign !== undefined) {
    throw new PolicyError("INITDATA", `unknown key ${JSON.stringify(foreign)}`)
  }
  return { data: readData(data) }
}

/** The policy hash of an initdata document, 64 hex digits: SHA-256 of its exact bytes, which are not looked at. */
export function initdataHash(toml: Uint8Array): PolicyHash {
  return encodeHex(sha256(toml))
}

function parseToml(toml: Uint8Array): Record<string, unknown> {
  if (toml.length > MAX_INITDATA_BYTES) {
    throw new PolicyError("INITDATA", `expected at most ${MAX_INITDATA_BYTES} bytes, got ${toml.length}`)
  }
  try {
    return parse(decodeUtf8(toml), { integersAsBigInt: true, maxDepth: 8 })
  } catch (cause) {
    throw new PolicyError("INITDATA", "initdata is not a TOML document", { cause })
  }
}

function readData(data: unknown): ReadonlyMap<string, string> {
  if (typeof data !== "object" || data === null || Array.isArray(data) || data instanceof TomlDate) {
    throw new PolicyError("INITDATA", `expected a table "data", got ${describe(data)}`)
  }
  return new Map(
    Object.entries(data).map(([key, value]: [string, unknown]) => {
      if (typeof value !== "string") {
        throw new PolicyError("INITDATA", `expected a string at data.${key}, got ${describe(value)}`)
      }
      return [key, value]
    }),
  )
}

function describe(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 32)) : value === undefined ? "nothing" : typeof value
}

function encodeKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : encodeString(key)
}

// A tab is the one control character that TOML allows in a literal string.
// eslint-disable-next-line no-control-regex -- control characters are what decides
const NEEDS_ESCAPE = /['\u0000-\u0008\u000a-\u001f\u007f]/
// eslint-disable-next-line no-control-regex -- control characters are what is escaped
const ESCAPED = /["\\\u0000-\u001f\u007f]/g
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
}

function encodeString(text: string): string {
  return NEEDS_ESCAPE.test(text) ? `"${text.replace(ESCAPED, escapeCharacter)}"` : `'${text}'`
}

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")
  return SHORT_ESCAPES[character] ?? `\\u${code}`
}
