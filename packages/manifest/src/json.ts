import { decodeUtf8 } from "@contrast/crypto"
import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser"
import { checkExtent, refuseText } from "./json-extent.ts"
import { indexPath, keyPath } from "./json-path.ts"
import { Lines } from "./position.ts"

/** Largest manifest that is read. */
export const MAX_MANIFEST_BYTES: number = 4 * 1024 * 1024

/** A JSON value with its place in the text. A number stays text, so that none is rounded; `closing` is where the `}` is. */
export type JsonNode = JsonPlace &
  (
    | { readonly kind: "object"; readonly members: readonly JsonMember[]; readonly closing: number }
    | { readonly kind: "array"; readonly items: readonly JsonNode[] }
    | { readonly kind: "string"; readonly value: string }
    | { readonly kind: "number"; readonly text: string }
    | { readonly kind: "boolean"; readonly value: boolean }
    | { readonly kind: "null" }
  )

/** Where something stands: its path, and its offset in the text. */
export interface JsonPlace {
  readonly path: string
  readonly offset: number
}

/** A key of an object, at the place of the key, with its value. Keys may repeat: whoever reads the object refuses that. */
export interface JsonMember extends JsonPlace {
  readonly key: string
  readonly value: JsonNode
}

/** The text of a JSON document and what it says. */
export interface JsonDocument {
  readonly text: string
  readonly root: JsonNode
}

/**
 * Reads JSON (RFC 8259) strictly: UTF-8 without byte order mark, one value, nothing after it.
 *
 * @throws {@link ManifestError} `MANIFEST_SIZE` or `MANIFEST_JSON`, the latter with its line and column.
 */
export function parseJson(bytes: Uint8Array): JsonDocument {
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw refuseText("MANIFEST_SIZE", `expected at most ${MAX_MANIFEST_BYTES} bytes, got ${bytes.length}`)
  }
  const text = decodeText(bytes)
  checkExtent(text)
  return { text, root: readNode(text, parseText(text), "$") }
}

/** The value under a key of an object, the last one where the key repeats. */
export function findMember(node: JsonNode, key: string): JsonNode | undefined {
  return node.kind === "object" ? node.members.findLast((member) => member.key === key)?.value : undefined
}

function decodeText(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes)
  } catch (cause) {
    throw refuseText("MANIFEST_JSON", "expected UTF-8 text", undefined, { cause })
  }
}

/** With comments disallowed, the parser takes exactly what JSON.parse takes; it also tells where everything stands. */
function parseText(text: string): Node {
  const errors: ParseError[] = []
  const tree = parseTree(text, errors, { disallowComments: true })
  const [first] = errors
  if (first !== undefined) {
    const reason = words(printParseErrorCode(first.error))
    throw refuseText("MANIFEST_JSON", `not JSON: ${reason}`, new Lines(text).positionAt(first.offset))
  }
  // Without an error there is a value.
  return tree as Node
}

function readNode(text: string, node: Node, path: string): JsonNode {
  const { offset, length, children = [] } = node
  const value: unknown = node.value
  if (node.type === "object") {
    const members = children.map((child) => readMember(text, child, path))
    return { kind: "object", path, offset, members, closing: offset + length - 1 }
  }
  if (node.type === "array") {
    return { kind: "array", path, offset, items: children.map((item, i) => readNode(text, item, indexPath(path, i))) }
  }
  if (node.type === "number") return { kind: "number", path, offset, text: text.slice(offset, offset + length) }
  if (typeof value === "string") return { kind: "string", path, offset, value }
  if (typeof value === "boolean") return { kind: "boolean", path, offset, value }
  return { kind: "null", path, offset }
}

function readMember(text: string, property: Node, parentPath: string): JsonMember {
  // In a text without error a property has a name and a value.
  const [name, value] = property.children as [Node, Node]
  const key = String(name.value)
  const path = keyPath(parentPath, key)
  return { key, path, offset: name.offset, value: readNode(text, value, path) }
}

/** `CommaExpected` becomes `comma expected`. */
function words(name: string): string {
  return name.replaceAll(/\B[A-Z]/g, " $&").toLowerCase()
}
