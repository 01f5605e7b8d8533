import type { SnpReferenceValues } from "@contrast/manifest"
import { Checklist } from "../checklist.ts"
import { accepts, type Verdict } from "../verdict.ts"
import { checkAuthenticity } from "./authenticity.ts"
import { AUTHENTICITY_CODES, PLATFORM_CODES, REFERENCE_CODES, type SnpCode } from "./codes.ts"
import type { SnpEndorsements } from "./endorsed.ts"
import { checkForm } from "./form.ts"
import { checkPlatform } from "./platform.ts"
import type { ProductLine } from "./product-line.ts"
import type { SnpReport } from "./report.ts"
import { checkReferenceValues } from "./reference.ts"
import { amdRoots, type AmdRoots } from "./roots.ts"
import { parseVekExtensions } from "./vek.ts"

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
  /** 64 bytes. */
  readonly reportData: Uint8Array
  readonly now: Date
  /** Trust roots. The default is what AMD publishes; no program passes another. */
  readonly roots?: AmdRoots
}

/** A verdict, and the report if its form was good. */
export interface SnpJudgement {
  readonly verdict: Verdict<SnpCode>
  readonly report: SnpReport | undefined
  /** The line of the processor, as far as report or leaf name it. */
  readonly line: ProductLine | undefined
}

/** Judges SEV-SNP evidence: form, authenticity, platform, reference values. Every check that can be made is made. */
export function verifySnp(
  evidence: SnpEvidence,
  { values, path, reportData, now, roots = amdRoots() }: SnpContext,
): SnpJudgement {
  const list = new Checklist<SnpCode>()
  const lineOfLeaf = evidence.leaf && parseVekExtensions(evidence.leaf)?.line
  const report = checkForm(list, evidence.report, lineOfLeaf)
  const kind = report?.signingKey
  let line: ProductLine | undefined
  if (report === undefined || kind === undefined) {
    const [because = "SNP_REPORT_SIZE"] = list.checks.filter(({ outcome }) => outcome === "fail").map(({ id }) => id)
    list.skip([...AUTHENTICITY_CODES, ...PLATFORM_CODES, ...REFERENCE_CODES], because)
  } else {
    line = checkAuthenticity(list, report, kind, evidence, { roots, now })
    checkPlatform(list, report, line)
    checkReferenceValues(list, report, line, { values, path, reportData })
  }
  const { checks } = list
  return {
    report,
    line,
    verdict: {
      version: 1,
      platform: "snp",
      accepted: accepts(checks),
      now: now.toISOString(),
      referenceValue: path,
      checks,
    },
  }
}
