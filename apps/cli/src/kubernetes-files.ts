import { readdir, realpath, stat } from "node:fs/promises"
import path from "node:path"
import { CryptoError, decodeUtf8 } from "@contrast/crypto"
import { type KubernetesFile, parseKubernetesFile } from "@contrast/policy"
import { CliError } from "./error.ts"
import { readFileBounded } from "./file-reader.ts"
import { fileError } from "./system-error.ts"
import { explainWorkloads } from "./workload-refusal.ts"
import type { Workspace } from "./workspace.ts"

/** A file of YAML, and where it lies below the path that the user gave. */
export interface InputFile {
  readonly file: KubernetesFile
  readonly relativePath: string
}

const MAX_FILE_BYTES = 40 * 1024 * 1024
const MAX_FILES = 10_000

/**
 * Reads YAML files, and those ending in `.yml` or `.yaml` in folders and the folders in them, in a fixed order, each once.
 *
 * @param workspace - Its history, which is YAML too, is left out.
 * @throws {@link CliError} `WORKLOAD` with every problem of their syntax, or what reading a file throws.
 */
export async function readKubernetesFiles(
  paths: readonly string[],
  workspace: Workspace,
): Promise<readonly InputFile[]> {
  const history = path.resolve(workspace.path("seenHistory"))
  const files = (await Promise.all(paths.map(listFiles))).flat().filter(({ name }) => path.resolve(name) !== history)
  const found = new Map<string, FoundFile>()
  for (const file of files) {
    const target = await findTarget(file.name)
    // A link and what it leads to are one file, and it is the file that is written to.
    if (!found.has(target) || path.resolve(file.name) === target) found.set(target, file)
  }
  if (found.size > MAX_FILES) throw new CliError("FILE_SIZE", `expected at most ${MAX_FILES} files, got ${found.size}`)
  const texts: (FoundFile & { readonly text: string })[] = []
  for (const input of found.values()) texts.push({ ...input, text: await readText(input.name) })
  return explainWorkloads(
    texts.map(({ name, relativePath, text }) => () => ({ file: parseKubernetesFile(name, text), relativePath })),
  )
}

interface FoundFile {
  readonly name: string
  readonly relativePath: string
}

async function listFiles(given: string): Promise<readonly FoundFile[]> {
  try {
    if (!(await stat(given)).isDirectory()) return [{ name: given, relativePath: path.basename(given) }]
    const entries = await readdir(given, { recursive: true, withFileTypes: true })
    const names = entries
      .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && /\.ya?ml$/.test(entry.name))
      .map((entry) => path.join(entry.parentPath, entry.name))
    return names.toSorted().map((name) => ({ name, relativePath: path.relative(given, name) }))
  } catch (error) {
    throw fileError("read", given, error)
  }
}

/** The path without links; as it stands if it leads to no file of the file system, as that of a pipe. */
async function findTarget(name: string): Promise<string> {
  return realpath(name).catch(() => path.resolve(name))
}

async function readText(name: string): Promise<string> {
  const bytes = await readFileBounded(name, MAX_FILE_BYTES)
  try {
    return decodeUtf8(bytes)
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error
    throw new CliError("WORKLOAD", `${name} is no text in UTF-8`, {
      cause: error,
      hint: "check that it is the file you mean",
    })
  }
}
