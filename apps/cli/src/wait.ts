import { CliError } from "./error.ts"

/**
 * Reads the flag `--wait`.
 *
 * @returns milliseconds.
 * @throws {@link CliError} `USAGE`.
 */
export function parseWait(seconds: string): number {
  if (!/^\d{1,6}$/.test(seconds)) {
    throw new CliError("USAGE", `expected a whole number of seconds as --wait, got "${seconds}"`)
  }
  return Number(seconds) * 1000
}
