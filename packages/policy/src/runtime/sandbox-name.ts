import type { PodOrigin } from "../kubernetes/pod.ts"
import { escapePattern } from "../pattern.ts"
import { KNOWN_PATTERNS } from "./known-patterns.ts"
import { type Text, type TextPart, joinText } from "../text.ts"

/** The names that pods of this origin may have; the runtime shows them as the name of the sandbox. */
export function sandboxName(origin: PodOrigin): Text {
  return joinText([sandboxNamePart(origin)])
}

/** That name as a part of other texts. */
export function sandboxNamePart(origin: PodOrigin): TextPart {
  return origin.kind === "Pod" && !origin.nameIsGenerated
    ? origin.name
    : { unknown: namePattern(origin), is: "podName" }
}

/** The namespace of the pods as a part of other texts. */
export function namespacePart({ namespace }: PodOrigin): TextPart {
  return namespace ?? { unknown: KNOWN_PATTERNS.namespace, is: "namespace" }
}

// Characters of names that Kubernetes makes up.
const RANDOM = "[bcdfghjklmnpqrstvwxz2456789]"
const DIGIT = "[0-9]"

// Such a name ends in five random characters. What stands before them is cut, so that all fit into a host name.
const RANDOM_END = "[bcdfghjklmnpqrstvwxz2456789]{5}"
const MAX_PREFIX_CHARACTERS = 58

/** Characters of one kind in a name, and how many there may be. */
interface Run {
  readonly character: string
  readonly min: number
  readonly max: number
}

function namePattern({ kind, name, nameIsGenerated, isIndexed }: PodOrigin): string {
  const own = [...literal(name), ...(nameIsGenerated ? [run(RANDOM, 5, 5)] : [])]
  const dash = literal("-")
  switch (kind) {
    case "Pod":
      return madeUp(literal(name))
    case "StatefulSet":
      return printRuns([...own, ...dash, run(DIGIT, 1, 10)])
    case "Deployment":
      return madeUp([...own, ...dash, run(RANDOM, 1, 10), ...dash])
    case "ReplicaSet":
    case "DaemonSet":
    case "ReplicationController":
      return madeUp([...own, ...dash])
    case "Job":
      return isIndexed ? indexed(own) : madeUp([...own, ...dash])
    case "CronJob": {
      const job = [...own, ...dash, run(DIGIT, 1, 12)]
      return isIndexed ? indexed(job) : madeUp([...job, ...dash])
    }
  }
}

/** Names of a prefix, whole or cut, and the random end. */
function madeUp(prefix: readonly Run[]): string {
  const long = expandRuns(prefix).filter((characters) => characters.length > MAX_PREFIX_CHARACTERS)
  const cuts = long.map((characters) => printCharacters(characters.slice(0, MAX_PREFIX_CHARACTERS)))
  return `${printAlternatives([printRuns(prefix), ...cuts])}${RANDOM_END}`
}

/** Names of an indexed job's pods: the index is kept, and the job's name before it is cut. */
function indexed(job: readonly Run[]): string {
  const lengths = Array.from({ length: 10 }, (_, index) => index + 1)
  const cuts = expandRuns(job).flatMap((characters) =>
    lengths.flatMap((length) => {
      const room = MAX_PREFIX_CHARACTERS - length - 2
      return characters.length > room ? `${printCharacters(characters.slice(0, room))}-${DIGIT}{${length}}-` : []
    }),
  )
  return `${printAlternatives([`${printRuns(job)}-${DIGIT}{1,10}-`, ...cuts])}${RANDOM_END}`
}

function literal(text: string): readonly Run[] {
  return Array.from(text, (character) => run(escapePattern(character), 1, 1))
}

function run(character: string, min: number, max: number): Run {
  return { character, min, max }
}

/** Every way to fill the runs, as patterns for single characters. */
function expandRuns(runs: readonly Run[]): readonly (readonly string[])[] {
  return runs.reduce<readonly (readonly string[])[]>(
    (forms, { character, min, max }) =>
      Array.from({ length: max - min + 1 }, (_, index) => min + index).flatMap((count) =>
        forms.map((form) => [...form, ...Array.from({ length: count }, () => character)]),
      ),
    [[]],
  )
}

function printRuns(runs: readonly Run[]): string {
  return runs.map(({ character, min, max }) => `${character}${printCount(min, max)}`).join("")
}

function printCharacters(characters: readonly string[]): string {
  const runs: Run[] = []
  for (const character of characters) {
    const last = runs.at(-1)
    if (last?.character === character && character.length > 2) {
      runs.splice(-1, 1, run(character, last.min + 1, last.max + 1))
    } else {
      runs.push(run(character, 1, 1))
    }
  }
  return printRuns(runs)
}

function printCount(min: number, max: number): string {
  return max === 1 ? "" : min === max ? `{${min}}` : `{${min},${max}}`
}

function printAlternatives(patterns: readonly string[]): string {
  const distinct = [...new Set(patterns)]
  return distinct.length === 1 ? distinct.join("") : `(${distinct.join("|")})`
}
