import { encodeHex } from "@contrast/crypto"
import { BINDING_CODES, checkBinding, type PolicyExpectation } from "../binding-checks.ts"
import { Checklist } from "../checklist.ts"
import { refusedBy, type AnyVerdict } from "../error.ts"
import { EVIDENCE_OIDS, type Attested, type ValidationContext, type Validator } from "../evidence.ts"
import { accepts } from "../verdict.ts"
import { parseInsecureDocument } from "./document.ts"

/** Judges evidence of the platform without a TEE: it must be of this session and policy, and no more can be known. */
export function createInsecureValidator(policy: PolicyExpectation): Validator {
  return {
    oid: EVIDENCE_OIDS.insecure,
    validate: (document, context) => Promise.try(judge, document, context, policy),
  }
}

function judge(bytes: Uint8Array, { reportData, now }: ValidationContext, policy: PolicyExpectation): Attested {
  const document = parseInsecureDocument(bytes)
  const list = new Checklist<(typeof BINDING_CODES)[number]>()
  checkBinding(
    list,
    {
      hostData: ["document.hostData", document.hostData],
      reportData: ["document.reportData", document.reportData],
    },
    { policy, reportData },
  )
  const { checks } = list
  const verdict: AnyVerdict = {
    version: 1,
    platform: "insecure",
    accepted: accepts(checks, BINDING_CODES),
    now: now.toISOString(),
    checks,
  }
  if (!verdict.accepted) throw refusedBy([verdict])
  return { platform: "insecure", policyHash: encodeHex(document.hostData), claims: () => [], verdict }
}
