/** What the environment asks for. Pure. */
import { InitializerError } from "./error.ts"
import { type LogLevel, LOG_LEVELS } from "./log.ts"
import type { FormatRule } from "./volume.ts"

const MESH_PORT = 7777
const MAX_PORT = 65_535

/** How the Initializer's root command works. */
export interface Config {
  /** The Coordinator's mesh API, `host:port`. */
  readonly coordinator: string
  /** The block device for the volume at `/state`, if there is one. */
  readonly device: string | undefined
  /** Whether the guest's default-deny firewall rule is to go, because no service mesh takes its place. */
  readonly removeDefaultDeny: boolean
}

export type Environment = Readonly<Record<string, string | undefined>>

/** @throws {@link InitializerError} `CONFIG`, naming the variable. */
export function parseConfig(environment: Environment): Config {
  return {
    coordinator: parseCoordinator(environment["COORDINATOR_HOST"]),
    device: parsePath("CRYPTSETUP_DEVICE", environment["CRYPTSETUP_DEVICE"]),
    removeDefaultDeny: isSet(environment["CONTRAST_SERVICE_MESH_DISABLED"]),
  }
}

/** @throws {@link InitializerError} `CONFIG`. */
export function parseFormatRule(environment: Environment): FormatRule {
  const rule = environment["CRYPTSETUP_FORMAT"]
  if (!isSet(rule) || rule === "if-empty") return "if-empty"
  if (rule === "never") return "never"
  throw new InitializerError("CONFIG", `CRYPTSETUP_FORMAT: expected if-empty or never, got ${JSON.stringify(rule)}`)
}

/** @throws {@link InitializerError} `CONFIG`. */
export function parseLogLevel(environment: Environment): LogLevel {
  const wanted = environment["CONTRAST_LOG_LEVEL"]?.toLowerCase()
  if (!isSet(wanted)) return "info"
  const level = LOG_LEVELS.find((name) => name === wanted)
  if (level !== undefined) return level
  throw new InitializerError(
    "CONFIG",
    `CONTRAST_LOG_LEVEL: expected one of ${LOG_LEVELS.join(", ")}, got ${JSON.stringify(wanted)}`,
  )
}

/** `host`, `host:port`, an IPv4 address, or an IPv6 address in brackets. */
function parseCoordinator(text: string | undefined): string {
  if (!isSet(text)) {
    throw new InitializerError("CONFIG", "COORDINATOR_HOST is not set; expected the host of the Coordinator's mesh API")
  }
  const match = /^(?<host>\[[0-9a-f:.]+\]|[^\s:/[\]]+)(?::(?<port>\d{1,5}))?$/i.exec(text)
  const port = Number(match?.groups?.["port"] ?? MESH_PORT)
  const host = match?.groups?.["host"]
  if (host !== undefined && port > 0 && port <= MAX_PORT) return `${host}:${port}`
  throw new InitializerError("CONFIG", `COORDINATOR_HOST: expected host or host:port, got ${JSON.stringify(text)}`)
}

function parsePath(name: string, text: string | undefined): string | undefined {
  if (!isSet(text)) return undefined
  if (text.startsWith("/")) return text
  throw new InitializerError("CONFIG", `${name}: expected an absolute path, got ${JSON.stringify(text)}`)
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== ""
}
