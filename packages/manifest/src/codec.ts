import { decodeHex, encodeHex, encodeUtf8 } from "@contrast/crypto"
import { type ManifestErrorCode, type ManifestProblem } from "./error.ts"
import { type JsonValue } from "./go-json.ts"
import { type JsonNode } from "./json.ts"
import { type Problems } from "./problems.ts"

/** The two ways between a value and its JSON. */
export interface Codec<T> {
  /** The value; or `undefined`, after noting a problem for each thing that is wrong with it. */
  read(node: JsonNode, problems: Problems): T | undefined
  write(value: T): JsonValue
}

/** What is wrong with a value. */
export type Complaint = Pick<ManifestProblem, "code" | "message">

const KIND_NAMES: Readonly<Record<JsonNode["kind"], string>> = {
  object: "an object",
  array: "an array",
  string: "a string",
  number: "a number",
  boolean: "true or false",
  null: "null",
}

/** `true` or `false`. */
export const flag: Codec<boolean> = {
  read: (node, problems) => expectKind(node, "boolean", problems)?.value,
  write: (value) => value,
}

/** A string, unless the check finds something wrong with it. */
export function checkedText(findWrong: (value: string) => Complaint | undefined): Codec<string> {
  return {
    read(node, problems) {
      const value = expectKind(node, "string", problems)?.value
      const wrong = value === undefined ? undefined : findWrong(value)
      if (wrong === undefined) return value
      problems.add(wrong.code, node, wrong.message)
      return undefined
    },
    write: (value) => value,
  }
}

/** Text of a bounded length, counted in bytes of UTF-8. */
export function text(maxBytes: number): Codec<string> {
  return checkedText((value) => {
    if (!value.isWellFormed()) return { code: "MANIFEST_JSON", message: "expected text, got half a surrogate pair" }
    const { length } = encodeUtf8(value)
    if (length <= maxBytes) return undefined
    return { code: "OUT_OF_RANGE", message: `expected at most ${maxBytes} bytes, got ${length}` }
  })
}

/** Bytes as hex text that is kept as it was written, since others compare it as text. */
export function hexText(minBytes: number, maxBytes: number): Codec<string> {
  const range = minBytes === maxBytes ? `${minBytes}` : `${minBytes} to ${maxBytes}`
  return checkedText((value) => {
    const bytes = value.length / 2
    const fits = Number.isInteger(bytes) && bytes >= minBytes && bytes <= maxBytes
    if (fits && /^[0-9a-f]*$/i.test(value)) return undefined
    return { code: "HEX", message: `expected ${range} bytes as hex digits, got ${excerpt(value)}` }
  })
}

/** Bytes of one size, read in either case and written in lower case. */
export function hexBytes(size: number): Codec<Uint8Array> {
  const digits = hexText(size, size)
  return {
    read(node, problems) {
      const value = digits.read(node, problems)
      return value === undefined ? undefined : decodeHex(value)
    },
    write: encodeHex,
  }
}

/** One of a few words. */
export function word<T extends string>(known: readonly T[], code: ManifestErrorCode): Codec<T> {
  const text = checkedText((value) => {
    const isKnown = known.some((candidate) => candidate === value)
    return isKnown ? undefined : { code, message: `expected ${known.join(" or ")}, got ${excerpt(value)}` }
  })
  return {
    // The check has just said that it is one of them.
    read: (node, problems) => text.read(node, problems) as T | undefined,
    write: (value) => value,
  }
}

/** A whole number from 0 to `max`, exact also beyond 2^53. */
export function unsignedBig(max: bigint): Codec<bigint> {
  return {
    read(node, problems) {
      const digits = expectKind(node, "number", problems)?.text
      if (digits === undefined) return undefined
      if (/^\d{1,20}$/.test(digits) && BigInt(digits) <= max) return BigInt(digits)
      problems.add("OUT_OF_RANGE", node, `expected a whole number from 0 to ${max}, got ${shorten(digits)}`)
      return undefined
    },
    write: (value) => value,
  }
}

/** A whole number from 0 to `max`, at most 2^53-1. */
export function unsigned(max: number): Codec<number> {
  const exact = unsignedBig(BigInt(max))
  return {
    read(node, problems) {
      const value = exact.read(node, problems)
      return value === undefined ? undefined : Number(value)
    },
    write: (value) => value,
  }
}

/** A value that may still have to be filled in: what is `undefined` here is written as `""` or `null`. */
export function blankable<T>(codec: Codec<T>, blank: "" | null): Codec<T | undefined> {
  return {
    read(node, problems) {
      const isBlank = blank === null ? node.kind === "null" : node.kind === "string" && node.value === blank
      return isBlank ? undefined : codec.read(node, problems)
    },
    write: (value) => (value === undefined ? blank : codec.write(value)),
  }
}

/** The node if it is of this kind; otherwise a problem. */
export function expectKind<K extends JsonNode["kind"]>(
  node: JsonNode,
  kind: K,
  problems: Problems,
): Extract<JsonNode, { kind: K }> | undefined {
  // TypeScript does not narrow a union by a type parameter.
  if (node.kind === kind) return node as Extract<JsonNode, { kind: K }>
  problems.add("WRONG_TYPE", node, `expected ${KIND_NAMES[kind]}, got ${KIND_NAMES[node.kind]}`)
  return undefined
}

/** The beginning of a string that came, quoted for a message. */
export function excerpt(value: string): string {
  return JSON.stringify(shorten(value))
}

function shorten(value: string): string {
  return value.length > 40 ? `${value.slice(0, 40)}…` : value
}
