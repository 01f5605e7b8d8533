import type { Workload } from "@contrast/policy"
import { CliError } from "../error.ts"
import { containersOf } from "./pod.ts"
import { setValue } from "./yaml-edit.ts"

/** Image references by those that they take the place of. */
export type ImageReplacements = ReadonlyMap<string, string>

/**
 * Reads lines of `from=to`; empty lines and lines that begin with `#` are left out.
 *
 * @throws {@link CliError} `FILE_CONTENT` with every line that is none of these.
 */
export function parseImageReplacements(file: string, text: string): ImageReplacements {
  const lines = text.split(/\r?\n/).map((line, index) => ({ line: index + 1, text: line.trim() }))
  const used = lines.filter(({ text }) => text !== "" && !text.startsWith("#"))
  const parsed = used.map(({ line, text }) => ({ line, match: /^([^=\s]+)=([^=\s]+)$/.exec(text) }))
  const problems = parsed
    .filter(({ match }) => match === null)
    .map(({ line }) => ({ file, line, message: 'expected "from=to"' }))
  if (problems.length > 0)
    throw new CliError("FILE_CONTENT", `${file} is not a list of image replacements`, { problems })
  return new Map(parsed.flatMap(({ match }) => (match?.[1] && match[2] ? [[match[1], match[2]] as const] : [])))
}

/** Replaces the images of a workload's containers. */
export function replaceImages(workload: Workload, replacements: ImageReplacements): void {
  for (const map of containersOf(workload)) {
    const replacement = replacements.get(String(map.get("image")))
    if (replacement !== undefined) setValue({ document: workload.document, map }, "image", replacement)
  }
}
