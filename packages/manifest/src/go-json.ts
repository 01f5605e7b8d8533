import { encodeUtf8 } from "@contrast/crypto"

/** A JSON value to be written; whole numbers beyond 2^53 are `bigint`. */
export type JsonValue = null | boolean | number | bigint | string | readonly JsonValue[] | JsonObject

/** A JSON object; its keys are written in their order here. */
export interface JsonObject {
  readonly [key: string]: JsonValue
}

/** The bytes that Go's `json.MarshalIndent` makes with two spaces, and a line feed at the end. */
export function encodeGoJson(value: JsonValue): Uint8Array {
  return encodeUtf8(`${format(value, "\n")}\n`)
}

function format(value: JsonValue, newline: string): string {
  if (typeof value === "string") return formatString(value)
  const inner = `${newline}  `
  if (isArray(value)) {
    return enclose(
      "[",
      value.map((item) => format(item, inner)),
      "]",
      newline,
    )
  }
  if (isObject(value)) {
    const members = Object.entries(value).map(([key, member]) => `${formatString(key)}: ${format(member, inner)}`)
    return enclose("{", members, "}", newline)
  }
  return String(value)
}

function enclose(open: string, parts: readonly string[], close: string, newline: string): string {
  if (parts.length === 0) return open + close
  return `${open}${parts.map((part) => `${newline}  ${part}`).join(",")}${newline}${close}`
}

/** Go escapes what HTML and JavaScript could misread. */
function formatString(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )
}

/** Whether the value is an array; `Array.isArray` does not narrow to read-only ones. */
export function isArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}

/** Whether the value is an object. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !isArray(value)
}
