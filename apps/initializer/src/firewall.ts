/** The guest's default-deny rule, which the service mesh replaces and a workload without a mesh has removed. */
import { findCode, InitializerError } from "./error.ts"
import { type ProgramCall, requireProgram, runProgram } from "./program.ts"

const TIMEOUT_MS = 30_000

/** The guest makes its rule in the tables of the older backend. "iptables" may be either, and shows only its own. */
const BACKEND = "iptables-legacy"
/** Here a rule could be as well, but not every kernel has these tables. */
const OTHER_BACKEND = "iptables-nft"
const LIST = ["-S", "INPUT"]

/** Drops everything that does not belong to a connection which this side began, in the spellings of both match modules. */
const DEFAULT_DENY =
  /^-A (INPUT -m (?:conntrack ! --ctstate|state ! --state) (?:RELATED,ESTABLISHED|ESTABLISHED,RELATED) -j DROP)$/gm

/**
 * Removes the default-deny rule wherever it stands in the INPUT chains, and returns how many were removed.
 *
 * @throws {@link InitializerError} `FIREWALL` if iptables is absent or refuses: a workload that asked for open ports
 *   must not seem to run with them closed.
 */
export function removeDefaultDeny(): number {
  try {
    return removeFrom(BACKEND) + (isAvailable(OTHER_BACKEND) ? removeFrom(OTHER_BACKEND) : 0)
  } catch (cause) {
    throw new InitializerError(
      "FIREWALL",
      `the default-deny rule cannot be removed; this needs ${BACKEND} and the capability NET_ADMIN`,
      { cause },
    )
  }
}

function removeFrom(backend: string): number {
  const { stdout } = requireProgram(iptables(backend, LIST))
  const rules = findDefaultDeny(stdout)
  for (const rule of rules) requireProgram(iptables(backend, ["-D", ...rule]))
  return rules.length
}

function isAvailable(backend: string): boolean {
  try {
    return runProgram(iptables(backend, LIST)).exitCode === 0
  } catch (error) {
    if (findCode(error) === "PROGRAM_ABSENT") return false
    throw error
  }
}

/** The arguments that name each default-deny rule in a listing of the INPUT chain. Pure. */
export function findDefaultDeny(listing: string): readonly (readonly string[])[] {
  return [...listing.matchAll(DEFAULT_DENY)].map(([, rule = ""]) => rule.split(" "))
}

function iptables(file: string, args: readonly string[]): ProgramCall {
  // Another program may hold the table for a moment.
  return { file, arguments: ["--wait", "10", ...args], timeoutMs: TIMEOUT_MS }
}
