import { decodeUtf8, encodeUtf8 } from "@contrast/crypto"
import {
  type Manifest,
  ManifestError,
  PLATFORMS,
  type ReferenceValues,
  defaultReferenceValues,
  encodeManifest,
  missingReferenceValues,
  parseManifest,
} from "@contrast/manifest"
import { type Operation, Pointer, applyPatch } from "rfc6902"
import { CliError } from "../error.ts"

/** A JSON Patch (RFC 6902) of one entry of the reference values, and where it stands. */
export interface ReferenceValuePatch {
  readonly file: string
  /** JSON path in the file. */
  readonly path: string
  readonly operations: readonly Operation[]
}

/** Entries after patches, and what became of those. */
export interface PatchedReferenceValues {
  readonly entries: readonly ReferenceValues[]
  /** The patches that were for none of the entries. */
  readonly unused: readonly ReferenceValuePatch[]
}

/** An entry as the manifest has it, in a manifest of its own. */
interface EntryDocument {
  readonly manifest: object
  readonly entry: unknown
}

const WITH_VALUE: readonly unknown[] = ["add", "replace", "test"]
const WITH_FROM: readonly unknown[] = ["move", "copy"]

/**
 * Reads a file of patches: an array of JSON Patches, each for one entry of the manifest's reference values.
 *
 * @throws {@link CliError} `FILE_CONTENT`.
 */
export function parseReferenceValuePatches(file: string, bytes: Uint8Array): readonly ReferenceValuePatch[] {
  const patches = parseJson(file, bytes)
  if (!Array.isArray(patches)) throw refusal(file, "$", "expected an array of JSON Patches")
  return patches.map((patch: unknown, index) => {
    const path = `$[${index}]`
    if (!Array.isArray(patch)) throw refusal(file, path, "expected an array of operations")
    const operations = patch.map((operation: unknown, at) => {
      const place = `${path}[${at}]`
      if (!isOperation(operation)) throw refusal(file, place, "expected an operation of RFC 6902")
      if (operation.op === "test" && !isTestable(operation)) {
        throw refusal(file, place, `no reference values have "${operation.path}" to test`)
      }
      return operation
    })
    return { file, path, operations }
  })
}

/**
 * Applies each patch to each entry, one after another. A test that fails says that the patch is not for that entry.
 *
 * @throws {@link CliError} `FILE_CONTENT` if a patch does not fit an entry that it is for, or makes it invalid.
 */
export function patchReferenceValues(
  entries: readonly ReferenceValues[],
  patches: readonly ReferenceValuePatch[],
): PatchedReferenceValues {
  const unused: ReferenceValuePatch[] = []
  let patched = entries
  for (const patch of patches) {
    const results = patched.map((entry) => patchEntry(entry, patch))
    if (results.every((result) => result === undefined)) unused.push(patch)
    patched = patched.map((entry, index) => results[index] ?? entry)
  }
  return { entries: patched, unused }
}

/** Whether no value of the entry is left to be filled in. */
export function isComplete(entry: ReferenceValues): boolean {
  return missingReferenceValues(manifestOf(entry)).length === 0
}

/** The patched entry; `undefined` if the patch is not for it. */
function patchEntry(entry: ReferenceValues, patch: ReferenceValuePatch): ReferenceValues | undefined {
  const document = documentOf(entry)
  for (const [index, operation] of patch.operations.entries()) {
    const outcome = applyOperation(document.entry, operation)
    if (outcome === "not meant") return undefined
    if (outcome === "done") continue
    throw refusal(patch.file, `${patch.path}[${index}]`, `there is no "${operation.path}" to ${operation.op}`)
  }
  return parseEntry(encodeUtf8(JSON.stringify(document.manifest)), patch)
}

function documentOf(entry: ReferenceValues): EntryDocument {
  const manifest = JSON.parse(decodeUtf8(encodeManifest(manifestOf(entry)))) as Record<"ReferenceValues", object>
  const [[document] = []] = Object.values(manifest.ReferenceValues) as readonly unknown[][]
  return { manifest, entry: document }
}

/** A misspelt test would never pass, and the patch, a restriction perhaps, would be for nobody. */
function isTestable({ path }: Operation): boolean {
  return PLATFORMS.flatMap(defaultReferenceValues).some(
    (entry) => Pointer.fromJSON(path).evaluate(documentOf(entry).entry).value !== undefined,
  )
}

function applyOperation(entry: unknown, operation: Operation): "done" | "not meant" | "impossible" {
  if (operation.op !== "test" && !isPlace(entry, operation)) return "impossible"
  const [failure] = applyPatch(entry, [operation])
  if (!failure) return "done"
  return failure.name === "TestError" ? "not meant" : "impossible"
}

/** Whether the target is in an object or array: the library would look for it in a text, or for a name in an array. */
function isPlace(entry: unknown, { op, path }: Operation): boolean {
  const { parent, key } = Pointer.fromJSON(path).evaluate(entry) as { parent: unknown; key: string }
  if (Array.isArray(parent)) return /^(?:0|[1-9]\d*)$/.test(key) || (key === "-" && op !== "replace")
  return typeof parent === "object"
}

function parseEntry(manifest: Uint8Array, { file, path }: ReferenceValuePatch): ReferenceValues | undefined {
  try {
    return parseManifest(manifest).referenceValues[0]
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error
    const [first] = error.problems
    throw refusal(file, path, `makes ${String(first?.path)} invalid: ${String(first?.message)}`)
  }
}

function parseJson(file: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeUtf8(bytes), requireExact)
  } catch (error) {
    throw refusal(file, "$", error instanceof InexactNumber ? error.message : "expected JSON, not too deeply nested")
  }
}

/** A number that JavaScript rounds: it would demand something else than what stands in the file. */
class InexactNumber extends Error {}

function requireExact(_key: string, value: unknown): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value
  throw new InexactNumber(`expected whole numbers below 2^53, got ${value}`)
}

function isOperation(value: unknown): value is Operation {
  if (typeof value !== "object" || value === null) return false
  const { op, path, from } = value as Readonly<Record<string, unknown>>
  if (!isPointer(path)) return false
  if (WITH_VALUE.includes(op)) return Object.hasOwn(value, "value")
  return op === "remove" || (WITH_FROM.includes(op) && isPointer(from))
}

/** Whether this is a JSON Pointer (RFC 6901). */
function isPointer(value: unknown): boolean {
  return typeof value === "string" && (value === "" || value.startsWith("/"))
}

function manifestOf(entry: ReferenceValues): Manifest {
  return {
    policies: new Map(),
    referenceValues: [entry],
    workloadOwnerPubKeys: [],
    workloadOwnerKeyDigests: [],
    seedshareOwnerPubKeys: [],
  }
}

function refusal(file: string, path: string, message: string): CliError {
  return new CliError("FILE_CONTENT", `${file} does not hold patches of reference values`, {
    problems: [{ file, path, message }],
    hint: 'it is an array of JSON Patches (RFC 6902), whose "test" operations say which entry of a platform each is for',
  })
}
