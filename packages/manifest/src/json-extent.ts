import { ManifestError, type ManifestErrorCode } from "./error.ts"
import { Lines, type Position } from "./position.ts"

/** A manifest nests six levels deep. */
const MAX_DEPTH = 16
/** Some eight values a policy, for as many policies as a manifest may have. */
const MAX_VALUES = 100_000

/**
 * Refuses what would be too much for the parser, which recurses and keeps every value. Says nothing about whether it is JSON.
 *
 * @throws {@link ManifestError} `MANIFEST_JSON` when it is too deep, `MANIFEST_SIZE` when it has too many values.
 */
export function checkExtent(text: string): void {
  let depth = 0
  let values = 0
  for (const offset of structureOf(text)) {
    const character = text.charAt(offset)
    if ("{[".includes(character)) depth += 1
    if ("}]".includes(character)) depth -= 1
    if ("{[,".includes(character)) values += 1
    if (depth > MAX_DEPTH) {
      throw refuseText("MANIFEST_JSON", `expected at most ${MAX_DEPTH} levels`, new Lines(text).positionAt(offset))
    }
    if (values > MAX_VALUES) {
      throw refuseText("MANIFEST_SIZE", `expected at most ${MAX_VALUES} values`, new Lines(text).positionAt(offset))
    }
  }
}

/** The refusal of a text as a whole. */
export function refuseText(
  code: ManifestErrorCode,
  message: string,
  position?: Position,
  options?: ErrorOptions,
): ManifestError {
  return new ManifestError([{ code, path: "$", message, ...position }], options)
}

/** Where brackets, braces and commas stand outside of strings. */
function* structureOf(text: string): Generator<number> {
  let inString = false
  for (let offset = 0; offset < text.length; offset += 1) {
    const character = text.charAt(offset)
    if (inString && character === "\\") offset += 1
    else if (character === '"') inString = !inString
    else if (!inString && "{}[],".includes(character)) yield offset
  }
}
