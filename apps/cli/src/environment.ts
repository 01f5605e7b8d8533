import type { Context } from "./context.ts"
import { CliError } from "./error.ts"

const YES = ["1", "t", "true"]
const NO = ["", "0", "f", "false"]

/**
 * Reads a yes-or-no variable; one that is not set is no.
 *
 * @throws {@link CliError} `USAGE`.
 */
export function parseBoolean(name: string, env: Context["env"]): boolean {
  const text = (env[name] ?? "").toLowerCase()
  if (YES.includes(text)) return true
  if (NO.includes(text)) return false
  throw new CliError("USAGE", `expected true or false in the variable ${name}, got "${text}"`)
}
