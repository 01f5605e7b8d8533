import { expect, test } from "@jest/globals"
import type { Check, Verdict } from "@contrast/attestation"
import { adviceFor } from "../src/verdict.ts"

function refusedFor(...ids: readonly string[]): Verdict {
  const checks = ids.map((id): Check => ({ id, subject: "field", outcome: "fail", expected: "1", actual: "0" }))
  const passed: Check = { id: "SNP_VMPL", subject: "report.vmpl", outcome: "pass", expected: "0", actual: "0" }
  return { version: 1, platform: "snp", accepted: false, now: "2026-06-01T00:00:00.000Z", checks: [passed, ...checks] }
}

test.each<[RegExp, readonly string[]]>([
  [/^what AMD or Intel publish is missing/, ["SNP_CRL_MISSING"]],
  [/^what AMD or Intel publish is missing/, ["SNP_VEK_MISSING", "TCB_EVALUATION_NUMBER", "QE_IDENTITY_VALIDITY"]],
  [/manifest and machine disagree/, ["TCB_STATUS"]],
  [/manifest and machine disagree/, ["SNP_TCB_MINIMUM"]],
  [/manifest and machine disagree/, ["SNP_CRL_VALIDITY", "SNP_MEASUREMENT"]],
  [/^send nothing to it; check the address/, ["SNP_SIGNATURE"]],
  [/^send nothing to it; check the address/, ["SNP_TCB_MINIMUM", "SNP_CRL_MISSING", "SNP_DEBUG"]],
  [/^send nothing to it; check the address/, ["UNHEARD_OF"]],
])("advises %s for %j", (advice, ids) => {
  expect(adviceFor(refusedFor(...ids))).toMatch(advice)
})
