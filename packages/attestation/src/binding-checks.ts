import { encodeHex, equalBytes } from "@contrast/crypto"
import type { Manifest } from "@contrast/manifest"
import type { Checklist } from "./checklist.ts"

/**
 * Which policies may attest. `named`: one of the manifest; `coordinator`: one that it gives this role; `any`: also one
 * that it does not name, for a caller that looks up the policy's entry itself and answers in words of its own.
 */
export type PolicyDemand = "named" | "coordinator" | "any"

/** Whose evidence is accepted. */
export interface PolicyExpectation {
  readonly policies: Manifest["policies"]
  readonly demand: PolicyDemand
}

/** What host and guest put into the evidence, each with the name of its field. */
export interface Binding {
  /** 32 bytes: the policy hash. */
  readonly hostData: readonly [subject: string, value: Uint8Array]
  /** 64 bytes. */
  readonly reportData: readonly [subject: string, value: Uint8Array]
}

/** That the evidence is of a guest of the manifest, and of this session. */
export const BINDING_CODES = ["HOST_DATA", "REPORT_DATA"] as const

const DEMANDS: Readonly<Record<PolicyDemand, string>> = {
  named: "a policy of the manifest",
  coordinator: "a policy of the manifest with the role coordinator",
  any: "any policy, its entry is looked up later",
}

/** Checks whose evidence it is. The report data comes last, and always: nothing else proves that evidence is fresh. */
export function checkBinding(
  list: Pick<Checklist<(typeof BINDING_CODES)[number]>, "check">,
  { hostData: [hostSubject, hostData], reportData: [subject, actual] }: Binding,
  { policy, reportData }: { readonly policy: PolicyExpectation; readonly reportData: Uint8Array },
): void {
  checkPolicy(list, hostSubject, encodeHex(hostData), policy)
  list.check("REPORT_DATA", {
    subject,
    passed: equalBytes(actual, reportData),
    expected: encodeHex(reportData),
    actual: encodeHex(actual),
  })
}

function checkPolicy(
  list: Pick<Checklist<"HOST_DATA">, "check">,
  subject: string,
  hash: string,
  { policies, demand }: PolicyExpectation,
): void {
  const entry = policies.get(hash)
  const isWanted = demand === "named" ? entry !== undefined : demand === "any" || entry?.role === "coordinator"
  const flaw = entry === undefined ? "which the manifest does not name" : "which has no role coordinator"
  list.check("HOST_DATA", {
    subject,
    passed: isWanted,
    expected: DEMANDS[demand],
    actual: isWanted ? hash : `${hash}, ${flaw}`,
    manifest: "Policies",
  })
}
