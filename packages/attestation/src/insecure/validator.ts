import { encodeHex, equalBytes } from "@contrast/crypto"
import { refusedBy } from "../error.ts"
import { EVIDENCE_OIDS, type Attested, type ValidationContext, type Validator } from "../evidence.ts"
import { accepts, type Check, type Verdict } from "../verdict.ts"
import { parseInsecureDocument } from "./document.ts"

/** Judges evidence of the platform without a TEE: it must be of this session, and no more can be known. */
export function createInsecureValidator(): Validator {
  return {
    oid: EVIDENCE_OIDS.insecure,
    validate: (document, context) => Promise.try(judge, document, context),
  }
}

function judge(bytes: Uint8Array, { reportData, now }: ValidationContext): Attested {
  const document = parseInsecureDocument(bytes)
  const check: Check = {
    id: "REPORT_DATA",
    subject: "document.reportData",
    outcome: equalBytes(document.reportData, reportData) ? "pass" : "fail",
    expected: encodeHex(reportData),
    actual: encodeHex(document.reportData),
  }
  const verdict: Verdict = {
    version: 1,
    platform: "insecure",
    accepted: accepts([check]),
    now: now.toISOString(),
    checks: [check],
  }
  if (!verdict.accepted) throw refusedBy([verdict])
  return { platform: "insecure", policyHash: encodeHex(document.hostData), claims: () => [], verdict }
}
