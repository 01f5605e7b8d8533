import type { SnpReferenceValues } from "@contrast/manifest"
import type { PolicyExpectation } from "../binding-checks.ts"
import { Checklist } from "../checklist.ts"
import { accepts, type Verdict } from "../verdict.ts"
import { checkAuthenticity } from "./authenticity.ts"
import { SNP_CODES, type SnpCode } from "./codes.ts"
import type { SnpEndorsements } from "./endorsed.ts"
import { checkForm } from "./form.ts"
import { checkPlatform } from "./platform.ts"
import type { ProductLine } from "./product-line.ts"
import type { SnpReport } from "./report.ts"
import { checkReferenceValues } from "./reference.ts"
import { amdRoots, type AmdRoots } from "./roots.ts"
import { lineOf, parseVekExtensions } from "./vek.ts"

/** SEV-SNP evidence with what vouches for it; nothing has been checked. */
export interface SnpEvidence extends SnpEndorsements {
  /** 1,184 bytes if it is a report. */
  readonly report: Uint8Array
}

/** What evidence is judged by. */
export interface SnpContext {
  /** One entry of the manifest and its place. */
  readonly values: SnpReferenceValues
  readonly path: string
  readonly policy: PolicyExpectation
  /** 64 bytes. */
  readonly reportData: Uint8Array
  readonly now: Date
  /** Trust roots. The default is what AMD publishes; no program passes another. */
  readonly roots?: AmdRoots
}

/** A verdict, and the report if it can be read. */
export interface SnpJudgement {
  readonly verdict: Verdict<SnpCode>
  readonly report: SnpReport | undefined
  /** The line of the processor, as far as report or leaf name it. */
  readonly line: ProductLine | undefined
}

/** Judges SEV-SNP evidence: form, authenticity, platform, reference values. Every check that can be made is made. */
export function verifySnp(evidence: SnpEvidence, { roots = amdRoots(), ...context }: SnpContext): SnpJudgement {
  const { path, now } = context
  const list = new Checklist<SnpCode>()
  const extensions = evidence.leaf && parseVekExtensions(evidence.leaf)
  const report = checkForm(list, evidence.report, extensions)
  const line = report && lineOf(report, extensions)
  if (report !== undefined) {
    checkAuthenticity(list, report, evidence, { roots, now })
    checkPlatform(list, report, line)
    checkReferenceValues(list, report, line, context)
  }
  list.complete(SNP_CODES)
  const { checks } = list
  return {
    report,
    line,
    verdict: {
      version: 1,
      platform: "snp",
      accepted: accepts(checks, SNP_CODES),
      now: now.toISOString(),
      referenceValue: path,
      checks,
    },
  }
}
