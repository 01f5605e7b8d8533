import { type Codec, blankable, excerpt, expectKind, text, word } from "./codec.ts"
import { nullableList } from "./list-codec.ts"
import { defaulted, optional, readMembers, struct } from "./struct-codec.ts"

/** The SHA-256 of an initdata document as 64 lower-case hex digits: the name under which evidence knows a policy. */
export type PolicyHash = string

/** What a workload with this policy gets. */
export interface PolicyEntry {
  /** Names for its certificate: DNS names, IP addresses and URIs, mixed. */
  readonly sans: readonly string[]
  /** Names its workload secret. Without it there is none. */
  readonly workloadSecretId?: string
  /** A coordinator may recover from another one, and clients take nothing else for a Coordinator. */
  readonly role?: "coordinator"
}

/** How many policies a manifest may name. */
export const MAX_POLICIES = 10_000
const MAX_SANS = 256
const MAX_SAN_BYTES = 1024
/** The id goes into each certificate of the workload. */
const MAX_WORKLOAD_SECRET_ID_BYTES = 1024

const entryCodec: Codec<PolicyEntry> = struct<PolicyEntry>({
  sans: defaulted("SANs", nullableList(text(MAX_SAN_BYTES), MAX_SANS), []),
  workloadSecretId: optional("WorkloadSecretID", blankable(text(MAX_WORKLOAD_SECRET_ID_BYTES), "")),
  role: optional("Role", blankable(word(["coordinator"], "UNKNOWN_ROLE"), "")),
})

/** Policy entries by their hash; none at all is written as `null`, as Go writes a nil map. */
export const policiesCodec: Codec<ReadonlyMap<PolicyHash, PolicyEntry>> = {
  read(node, problems) {
    if (node.kind === "null") return new Map()
    const members = expectKind(node, "object", problems)?.members
    if (members === undefined) return undefined
    if (members.length > MAX_POLICIES) {
      problems.add("OUT_OF_RANGE", node, `expected at most ${MAX_POLICIES} policies, got ${members.length}`)
      return undefined
    }
    for (const member of members) {
      if (/^[0-9a-f]{64}$/.test(member.key)) continue
      problems.add("POLICY_HASH", member, `expected 64 lower-case hex digits as key, got ${excerpt(member.key)}`)
    }
    const policies = new Map<PolicyHash, PolicyEntry>()
    for (const [hash, value] of readMembers(members, problems)) {
      const entry = entryCodec.read(value, problems)
      if (entry !== undefined) policies.set(hash, entry)
    }
    return policies
  },
  write(policies) {
    if (policies.size === 0) return null
    const sorted = Array.from(policies).toSorted(([one], [other]) => (one < other ? -1 : 1))
    return Object.fromEntries(sorted.map(([hash, entry]) => [hash, entryCodec.write(entry)]))
  },
}
