/** The guest's default-deny rule, which the service mesh replaces and a workload without a mesh has removed. */
import { InitializerError } from "./error.ts"
import { type ProgramCall, requireProgram } from "./program.ts"

const TIMEOUT_MS = 30_000

/** Drops everything that does not belong to a connection which this side began, in the spellings of both match modules. */
const DEFAULT_DENY =
  /^-A (INPUT -m (?:conntrack ! --ctstate|state ! --state) (?:RELATED,ESTABLISHED|ESTABLISHED,RELATED) -j DROP)$/gm

/**
 * Removes the default-deny rule wherever it stands in the INPUT chain, and returns how many were removed.
 *
 * @throws {@link InitializerError} `FIREWALL` if iptables is absent or refuses: a workload that asked for open ports
 *   must not seem to run with them closed.
 */
export function removeDefaultDeny(): number {
  try {
    const { stdout } = requireProgram(iptables(["-S", "INPUT"]))
    const rules = findDefaultDeny(stdout)
    for (const rule of rules) requireProgram(iptables(["-D", ...rule]))
    return rules.length
  } catch (cause) {
    throw new InitializerError(
      "FIREWALL",
      "the default-deny rule cannot be removed; this needs iptables and the capability NET_ADMIN",
      { cause },
    )
  }
}

/** The arguments that name each default-deny rule in a listing of the INPUT chain. Pure. */
export function findDefaultDeny(listing: string): readonly (readonly string[])[] {
  return [...listing.matchAll(DEFAULT_DENY)].map(([, rule = ""]) => rule.split(" "))
}

function iptables(args: readonly string[]): ProgramCall {
  // Another program may hold the table for a moment.
  return { file: "iptables", arguments: ["--wait", "10", ...args], timeoutMs: TIMEOUT_MS }
}
