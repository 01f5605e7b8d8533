import { MAX_MANIFEST_BYTES, type Manifest, ManifestError, parseManifest, validateManifest } from "@contrast/manifest"
import { CliError, type CliProblem } from "./error.ts"
import { findFileBounded, readFileBounded } from "./file-reader.ts"
import { isStandardOutput } from "./streams.ts"

/** A manifest with the bytes that its hash is over. */
export interface ManifestFile {
  readonly path: string
  readonly bytes: Uint8Array
  readonly manifest: Manifest
}

const READ_LIMIT = MAX_MANIFEST_BYTES + 1 // the parser's own refusal is the better one

/**
 * Reads a manifest that is to be set, or trusted.
 *
 * @throws {@link CliError} `MANIFEST` with every problem, or what reading a file throws.
 */
export async function readManifestFile(path: string): Promise<ManifestFile> {
  const bytes = await readFileBounded(path, READ_LIMIT, "contrast generate writes it; --manifest names another")
  return explain(path, () => {
    const manifest = parseManifest(bytes)
    validateManifest(manifest, bytes)
    return { path, bytes, manifest }
  })
}

/** Reads a manifest that may not be there yet, nor be complete. Where it only goes out, there is none to wait for. */
export async function findManifestFile(path: string): Promise<Manifest | undefined> {
  if (await isStandardOutput(path)) return undefined
  const bytes = await findFileBounded(path, READ_LIMIT)
  return bytes && explain(path, () => parseManifest(bytes))
}

function explain<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof ManifestError ? manifestRefusal(file, error) : error
  }
}

/** The refusal of a manifest, for whoever wrote that file. */
export function manifestRefusal(file: string, error: ManifestError): CliError {
  const problems = error.problems.map((problem): CliProblem => ({ file, ...problem }))
  return new CliError("MANIFEST", `${file} is not a valid manifest`, {
    cause: error,
    problems,
    hint: `correct ${file}, or move it away and run contrast generate`,
  })
}
