import { CollateralError, type Entry, MAX_BUNDLE_BYTES, parseBundle } from "@contrast/collateral"
import { CliError } from "./error.ts"
import { readFileBounded } from "./file-reader.ts"

/**
 * Reads what `contrast collateral export` wrote.
 *
 * @throws {@link CliError} `FILE_CONTENT`, or what reading a file throws.
 */
export async function readBundle(path: string): Promise<readonly Entry[]> {
  const bytes = await readFileBounded(path, MAX_BUNDLE_BYTES)
  try {
    return parseBundle(bytes)
  } catch (cause) {
    if (!(cause instanceof CollateralError)) throw cause
    throw new CliError("FILE_CONTENT", `${path} cannot be imported: ${cause.message}`, {
      cause,
      hint: "name a file that contrast collateral export wrote; a damaged one has to be exported again",
    })
  }
}
