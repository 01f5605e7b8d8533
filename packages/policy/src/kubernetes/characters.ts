import { type Document, Scalar, isScalar, visit } from "yaml"

/** Something wrong with a character, and where. */
export interface CharacterProblem {
  readonly offset: number
  readonly message: string
}

/** Line breaks of YAML 1.1, and the byte order mark, which `kubectl` skips at the start of any line. */
const DISPUTED = /[\u0085\u2028\u2029\ufeff]/g

/** These in the text of a file, save a mark at its very start; and a bare carriage return, which ends a line or not. */
const DISPUTED_IN_FILE = /[\u0085\u2028\u2029]|(?<!^)\ufeff|\r(?!\n)/

/**
 * Finds the first character of a file that parts its text for some readers of YAML and not for others. A comment that
 * ends with one goes on for us, and is followed by a field for `kubectl`.
 */
export function findDisputedCharacter(text: string): CharacterProblem | undefined {
  const offset = text.search(DISPUTED_IN_FILE)
  if (offset < 0) {
    return undefined
  }
  const code = text.charCodeAt(offset).toString(16).padStart(4, "0")
  const message = `readers of YAML do not agree on U+${code.toUpperCase()}: write \\u${code} in double quotes, or leave it out`
  return { offset, message }
}

/** Texts of the document, keys among them, with half of a surrogate pair: no bytes stand for it in UTF-8. */
export function findLoneSurrogates(tree: Document): readonly CharacterProblem[] {
  const found: CharacterProblem[] = []
  visit(tree, {
    Scalar(_key, { value, range }) {
      if (typeof value === "string" && !value.isWellFormed()) {
        found.push({ offset: range?.[0] ?? 0, message: "half of a surrogate pair is no character" })
      }
    },
  })
  return found
}

/** Puts double quotes around the texts that {@link escapeDisputed} has to find in such. */
export function quoteDisputed(tree: Document): void {
  visit(tree, (_key, node) => {
    if (isScalar(node) && typeof node.value === "string" && node.value.search(DISPUTED) >= 0) {
      node.type = Scalar.QUOTE_DOUBLE
    }
  })
}

/** Writes as escapes what the library writes as it is, in a text whose disputed characters all stand in double quotes. */
export function escapeDisputed(text: string): string {
  return text.replace(DISPUTED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
}
