import { CliError } from "../error.ts"

const PATTERN = /^(?:\[[0-9a-fA-F:.]+\]|[^:[\]\s/]+):(?<port>[0-9]{1,5})$/

/**
 * Checks `host:port` or `[IPv6]:port`.
 *
 * @throws {@link CliError} `USAGE`.
 */
export function checkAddress(text: string): string {
  const port = Number(PATTERN.exec(text)?.groups?.["port"] ?? 0)
  if (port < 1 || port > 65_535) {
    throw new CliError("USAGE", `expected host:port as --coordinator, got "${text}"`, {
      hint: "the user API listens on port 1313, for example 127.0.0.1:1313",
    })
  }
  return text
}
