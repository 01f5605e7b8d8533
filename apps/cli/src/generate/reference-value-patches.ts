import { decodeUtf8, encodeUtf8 } from "@contrast/crypto"
import {
  type Manifest,
  ManifestError,
  type ReferenceValues,
  encodeManifest,
  missingReferenceValues,
  parseManifest,
} from "@contrast/manifest"
import { type Operation, applyPatch } from "rfc6902"
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
      if (isOperation(operation)) return operation
      throw refusal(file, `${path}[${at}]`, "expected an operation of RFC 6902")
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
  const manifest = JSON.parse(decodeUtf8(encodeManifest(manifestOf(entry)))) as Record<"ReferenceValues", object>
  const [[document] = []] = Object.values(manifest.ReferenceValues) as readonly unknown[][]
  for (const [index, operation] of patch.operations.entries()) {
    const [failure] = applyPatch(document, [operation])
    if (failure?.name === "TestError") return undefined
    if (failure)
      throw refusal(patch.file, `${patch.path}[${index}]`, `there is no "${operation.path}" to ${operation.op}`)
  }
  return parseEntry(encodeUtf8(JSON.stringify(manifest)), patch)
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
    throw refusal(file, "$", error instanceof RangeError ? error.message : "expected JSON")
  }
}

/** A number that JavaScript rounds would demand something else than what stands in the file. */
function requireExact(_key: string, value: unknown): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value
  throw new RangeError(`expected whole numbers below 2^53, got ${value}`)
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
