import { Composer, type CST, Document, LineCounter, Parser, type ToStringOptions } from "yaml"
import { PolicyError, type Problem } from "../error.ts"
import { expandAliases } from "./aliases.ts"
import { quoteAmbiguousEdits } from "./ambiguous.ts"
import { escapeDisputed, findDisputedCharacter, findLoneSurrogates, quoteDisputed } from "./characters.ts"
import { exceedsDepth } from "./depth.ts"
import { findDuplicateKeys } from "./duplicate-keys.ts"
import { mergeLines } from "./line-merge.ts"

/** Bounds of what is read as one file of Kubernetes YAML. */
export const FILE_LIMITS: { readonly characters: number; readonly documents: number; readonly depth: number } = {
  characters: 10 * 1024 * 1024,
  documents: 100,
  depth: 64,
}

/** A file of Kubernetes YAML. Its trees may be edited; {@link encodeKubernetesFile} writes what came of it. */
export interface KubernetesFile {
  readonly name: string
  readonly text: string
  readonly documents: readonly KubernetesDocument[]
}

/** One document of a file: its text as read, and the tree that was read from it. */
export interface KubernetesDocument {
  readonly source: string
  readonly tree: Document
  /** The place in the file of an offset that a node of the tree has. */
  position(offset: number): TextPosition
}

/** A place in a file, counted from 1. */
export interface TextPosition {
  readonly line: number
  readonly column: number
}

/**
 * Reads a file of Kubernetes YAML: the documents' trees keep comments, order and style, and hold no aliases: each is
 * replaced by a copy of what it stands for.
 *
 * @param name - Shown in errors, as a user knows the file.
 * @throws {@link PolicyError} `YAML` with file, line and column of every syntax error, duplicate key, unknown tag,
 * directive and half of a surrogate pair, of the first character that readers of YAML do not agree on, or when a bound
 * is passed ({@link FILE_LIMITS}; 1000 aliases).
 */
export function parseKubernetesFile(name: string, text: string): KubernetesFile {
  if (text.length > FILE_LIMITS.characters) {
    throw refusal(name, `expected at most ${FILE_LIMITS.characters} characters, got ${text.length}`)
  }
  const lines = new LineCounter()
  const starts = findDocumentStarts([...new Parser(lines.addNewLine).parse(text)])
  if (starts.length > FILE_LIMITS.documents) {
    throw refusal(name, `expected at most ${FILE_LIMITS.documents} documents, got ${starts.length}`)
  }
  const problems: Problem[] = []
  const disputed = findDisputedCharacter(text)
  if (disputed !== undefined) {
    problems.push({ file: name, ...linePosition(lines, disputed.offset), path: "", message: disputed.message })
  }
  const documents = starts.map((start, index) => {
    const source = text.slice(start, starts[index + 1])
    const position = (offset: number): TextPosition => linePosition(lines, start + offset)
    const tree = readDocument(source, (offset, message) => {
      problems.push({ file: name, ...position(offset), path: "", message })
    })
    return { source, tree, position }
  })
  if (problems.length > 0) {
    throw new PolicyError("YAML", problems)
  }
  return { name, text, documents }
}

/**
 * The text of a file: documents that were not edited keep their exact bytes, and so do the lines of edited ones that the
 * edit leaves alone. Where that is not certain to say the same, an edited document keeps its comments, its order, its
 * line ends and its byte order mark.
 */
export function encodeKubernetesFile({ text, documents }: KubernetesFile): string {
  const lineEnd = /\r?\n/.exec(text)?.[0] ?? "\n"
  return documents.length === 0 ? text : documents.map((document) => encodeDocument(document, lineEnd)).join("")
}

/** What stands before the first document belongs to it; what follows a document belongs to that one. */
function findDocumentStarts(tokens: readonly CST.Token[]): readonly number[] {
  return tokens.filter(({ type }) => type === "document").map(({ offset }, index) => (index === 0 ? 0 : offset))
}

function linePosition(lines: LineCounter, offset: number): TextPosition {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

type Report = (offset: number, message: string) => void

function readDocument(source: string, report: Report): Document {
  const tokens = [...new Parser().parse(source)]
  const directive = tokens.find(({ type }) => type === "directive")
  if (directive !== undefined) {
    report(directive.offset, "directives are not supported")
  }
  const deep = exceedsDepth(tokens, FILE_LIMITS.depth)
  if (deep !== undefined) {
    report(deep, `nested deeper than ${FILE_LIMITS.depth} levels`)
    return new Document()
  }
  const tree = compose(tokens)
  for (const { pos, message } of [...tree.errors, ...tree.warnings]) {
    report(pos[0], message.charAt(0).toLowerCase() + message.slice(1))
  }
  const broken = expandAliases(tree)
  if (broken !== undefined) {
    report(broken.offset, broken.message)
  }
  for (const { offset, key } of findDuplicateKeys(tree)) {
    report(offset, `duplicate key ${JSON.stringify(key)}`)
  }
  for (const { offset, message } of findLoneSurrogates(tree)) {
    report(offset, message)
  }
  return tree
}

function compose(tokens: Iterable<CST.Token>): Document {
  // The library finds duplicate keys by comparing each key of a map with every other: too slow for big maps.
  const [tree] = new Composer({ intAsBigInt: true, uniqueKeys: false }).compose(tokens)
  return tree ?? new Document()
}

function encodeDocument({ source, tree }: KubernetesDocument, lineEnd: string): string {
  const original = compose(new Parser().parse(source))
  expandAliases(original)
  if (tree.toString(PLAIN_STYLE) === original.toString(PLAIN_STYLE)) {
    return source
  }
  quoteAmbiguousEdits(tree)
  quoteDisputed(tree)
  const mark = source.startsWith("\ufeff") ? "\ufeff" : ""
  const style = findStyle(original, source)
  const [before, after] = [print(original, style), print(tree, style)]
  const merged = mergeLines({ source: source.slice(mark.length), before, after, lineEnd })
  const isSame = merged !== undefined && printAgain(merged, style) === after
  return mark + (isSame ? merged : after.replaceAll("\n", lineEnd))
}

/** What a text is printed as, if it is one document without faults. */
function printAgain(text: string, style: ToStringOptions): string | undefined {
  try {
    const { documents } = parseKubernetesFile("", text)
    return documents.length > 1 ? undefined : documents.map(({ tree }) => print(tree, style)).join("")
  } catch (error) {
    if (error instanceof PolicyError) {
      return undefined
    }
    throw error
  }
}

const PLAIN_STYLE: ToStringOptions = { lineWidth: 0 }

/** Prints a document, without what comments have kept of Windows line ends: values write a carriage return as an escape. */
function print(tree: Document, style: ToStringOptions): string {
  return escapeDisputed(tree.toString(style)).replaceAll("\r", "")
}

/** The way of printing that changes the fewest lines of the document as it was written. */
function findStyle(original: Document, source: string): ToStringOptions {
  const lines = new Set(source.split(/\r?\n/))
  const candidates = [2, 4].flatMap((indent) =>
    [true, false].flatMap((indentSeq) =>
      [true, false].map((flowCollectionPadding) => {
        const style = { ...PLAIN_STYLE, indent, indentSeq, flowCollectionPadding }
        const changed = print(original, style)
          .split("\n")
          .filter((line) => !lines.has(line)).length
        return { style, changed }
      }),
    ),
  )
  return candidates.reduce((best, candidate) => (candidate.changed < best.changed ? candidate : best)).style
}

function refusal(file: string, message: string): PolicyError {
  return new PolicyError("YAML", [{ file, path: "", message }])
}
