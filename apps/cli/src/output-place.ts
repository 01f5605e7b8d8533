import { stat } from "node:fs/promises"
import path from "node:path"
import { CliError } from "./error.ts"
import type { InputFile } from "./kubernetes-files.ts"
import { fileError, systemCode } from "./system-error.ts"

/** Tells where a changed file is to be written. */
export type OutputPlace = (input: InputFile) => string

/**
 * Where `generate` writes: in place, or to what `--output` names. That is a file if there is one input and no folder of
 * this name; otherwise a folder, with the files below it as they lie below the given paths.
 *
 * @throws {@link CliError} `USAGE` when two files would go to one place.
 */
export async function findOutputPlace(output: string | undefined, inputs: readonly InputFile[]): Promise<OutputPlace> {
  if (output === undefined) return ({ file }) => file.name
  if (inputs.length === 1 && !output.endsWith("/") && !(await isFolder(output))) return () => output
  const names = inputs.map(({ relativePath }) => relativePath)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) {
    throw new CliError("USAGE", `two of the files would be written to ${path.join(output, twice)}`, {
      hint: "give a common folder of them instead",
    })
  }
  return ({ relativePath }) => path.join(output, relativePath)
}

async function isFolder(name: string): Promise<boolean> {
  try {
    return (await stat(name)).isDirectory()
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false
    throw fileError("write", name, error)
  }
}
