import { CryptoError, decodeUtf8 } from "@contrast/crypto"
import type { Workload } from "@contrast/policy"
import { CliError, type CliProblem } from "../error.ts"
import { containersOf } from "./pod.ts"
import { setValue } from "./yaml-edit.ts"

/** Image references by those that they take the place of. */
export type ImageReplacements = ReadonlyMap<string, string>

interface Replacement {
  readonly line: number
  readonly from: string
  readonly to: string
}

/**
 * Reads lines of `from=to`; empty lines and lines that begin with `#` are left out. What an image is replaced by may not be
 * replaced in its turn: a second run would do that.
 *
 * @throws {@link CliError} `FILE_CONTENT` with every line that is none of these.
 */
export function parseImageReplacements(file: string, bytes: Uint8Array): ImageReplacements {
  const lines = readText(file, bytes)
    .split(/\r?\n/)
    .map((line, index) => ({ line: index + 1, text: line.trim() }))
    .filter(({ text }) => text !== "" && !text.startsWith("#"))
  const parsed = lines.map(({ line, text }) => parseLine(line, text))
  const replacements = parsed.filter((item) => "from" in item)
  const froms = new Set(replacements.map(({ from }) => from))
  const chained = replacements
    .filter(({ from, to }) => to !== from && froms.has(to))
    .map(({ line, to }) => ({ line, message: `${to} is replaced as well: name the image that it ends in` }))
  const problems = [...parsed.filter((item) => "message" in item), ...chained].map((problem) => ({ file, ...problem }))
  if (problems.length > 0) throw refusal(file, problems)
  return new Map(replacements.map(({ from, to }) => [from, to]))
}

function readText(file: string, bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes)
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error
    throw refusal(file, [{ file, message: "expected text in UTF-8" }])
  }
}

function parseLine(line: number, text: string): Replacement | CliProblem {
  const [, from, to] = /^([^=\s]+)=([^=\s]+)$/.exec(text) ?? []
  return from === undefined || to === undefined ? { line, message: 'expected "from=to"' } : { line, from, to }
}

function refusal(file: string, problems: readonly CliProblem[]): CliError {
  return new CliError("FILE_CONTENT", `${file} is not a list of image replacements`, { problems })
}

/** Replaces the images of a workload's containers. */
export function replaceImages(workload: Workload, replacements: ImageReplacements): void {
  for (const map of containersOf(workload)) {
    const replacement = replacements.get(String(map.get("image")))
    if (replacement !== undefined) setValue({ document: workload.document, map }, "image", replacement)
  }
}
