import { TransitError } from "./error.ts"

/** What a transit path asks for. */
export type Operation = "encrypt" | "decrypt" | "rewrap" | "datakey/plaintext" | "datakey/wrapped"

/** Where a request goes. */
export type Route =
  | { readonly kind: "health"; readonly query: URLSearchParams }
  | { readonly kind: "transit"; readonly operation: Operation; readonly name: string }

const HEALTH_PATH = "/v1/sys/health"
const TRANSIT_PREFIX = "/v1/transit/"
const OPERATIONS: readonly Operation[] = ["encrypt", "decrypt", "rewrap", "datakey/plaintext", "datakey/wrapped"]

/** Names are workload secret IDs; the manifest bounds them far below this. */
const MAX_NAME_CHARACTERS = 4096

/**
 * Reads method and target of a request.
 *
 * The key name is all of the rest of the path, percent-decoded once: workload secret IDs hold slashes, and the seal
 * client sends them unescaped.
 *
 * @throws {@link TransitError} `PATH`, `METHOD` or `REQUEST`.
 */
export function parseRoute(method: string, target: string): Route {
  const [path, query] = splitOnce(target, "?")
  if (path === HEALTH_PATH) {
    requireMethod(method, ["GET", "HEAD"])
    return { kind: "health", query: new URLSearchParams(query ?? "") }
  }
  if (!path.startsWith(TRANSIT_PREFIX)) throw new TransitError("PATH", "no such path")
  const rest = path.slice(TRANSIT_PREFIX.length)
  const operation = OPERATIONS.find((candidate) => rest.startsWith(`${candidate}/`))
  if (operation === undefined) throw new TransitError("PATH", `no such path; transit offers ${OPERATIONS.join(", ")}`)
  requireMethod(method, ["POST", "PUT"])
  if (query !== undefined) throw new TransitError("REQUEST", "transit paths take no query parameters")
  return { kind: "transit", operation, name: decodeName(rest.slice(operation.length + 1)) }
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const index = text.indexOf(separator)
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)]
}

function requireMethod(method: string, allowed: readonly string[]): void {
  if (!allowed.includes(method)) {
    throw new TransitError("METHOD", `method must be ${allowed.join(" or ")}`)
  }
}

function decodeName(encoded: string): string {
  if (encoded.length === 0) throw new TransitError("PATH", "the path names no key")
  if (encoded.length > MAX_NAME_CHARACTERS) throw new TransitError("REQUEST", "key name is too long")
  try {
    return decodeURIComponent(encoded)
  } catch (cause) {
    throw new TransitError("REQUEST", "key name is not valid percent-encoded UTF-8", { cause })
  }
}
