import { type JsonNode, type JsonPlace, parseJson } from "./json.ts"
import { Lines, type Position } from "./position.ts"

/**
 * Tells where in the text of a manifest the value of a JSON path stands; where the nearest value around it stands, if it is absent.
 *
 * @param bytes - A manifest that was parsed before.
 * @returns A function of the path, as in a {@link ManifestProblem}; the `$.` at its beginning may be missing.
 * @throws {@link ManifestError} `MANIFEST_SIZE` or `MANIFEST_JSON`.
 */
export function manifestPositions(bytes: Uint8Array): (path: string) => Position {
  const { text, root } = parseJson(bytes)
  const lines = new Lines(text)
  return (path) => lines.positionAt(innermost(root, path.startsWith("$") ? path : `$.${path}`).offset)
}

function innermost(node: JsonNode, path: string): JsonPlace {
  const inner = children(node).find((child) => child.path === path || isInside(path, child.path))
  return inner === undefined ? node : innermost(inner, path)
}

function isInside(path: string, outer: string): boolean {
  return path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`)
}

function children(node: JsonNode): readonly JsonNode[] {
  if (node.kind === "object") return node.members.map(({ value }) => value)
  return node.kind === "array" ? node.items : []
}
