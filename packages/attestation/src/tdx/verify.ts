import type { Certificate } from "@contrast/crypto"
import type { TdxReferenceValues } from "@contrast/manifest"
import type { PolicyExpectation } from "../binding-checks.ts"
import { Checklist } from "../checklist.ts"
import type { IntelCollateral } from "../collateral.ts"
import { accepts, type Verdict } from "../verdict.ts"
import { checkAuthenticity } from "./authenticity.ts"
import { TDX_CODES, type TdxCode } from "./codes.ts"
import { checkForm } from "./form.ts"
import { checkPlatform } from "./platform.ts"
import type { TdxQuote } from "./quote.ts"
import { checkReferenceValues } from "./reference.ts"
import { intelRoot } from "./root.ts"
import type { TcbAssessment } from "./tcb-assessment.ts"

/** TDX evidence with what vouches for it; nothing has been checked. */
export interface TdxEvidence {
  readonly quote: Uint8Array
  readonly collateral: IntelCollateral
}

/** What evidence is judged by. */
export interface TdxContext {
  /** One entry of the manifest and its place. */
  readonly values: TdxReferenceValues
  readonly path: string
  readonly policy: PolicyExpectation
  /** 64 bytes. */
  readonly reportData: Uint8Array
  readonly now: Date
  /** Trust root. The default is what Intel publishes; no program passes another. */
  readonly root?: Certificate
}

/** A verdict, and what was read on the way to it. */
export interface TdxJudgement {
  readonly verdict: Verdict<TdxCode>
  /** The quote, if it can be read. */
  readonly quote: TdxQuote | undefined
  /** How old the platform is, if Intel's statements say so. */
  readonly tcb: TcbAssessment | undefined
}

/** Judges TDX evidence: form, authenticity, platform, reference values. Every check that can be made is made. */
export function verifyTdx(evidence: TdxEvidence, { root = intelRoot(), ...context }: TdxContext): TdxJudgement {
  const { path, now } = context
  const list = new Checklist<TdxCode>()
  const quote = checkForm(list, evidence.quote)
  const tcb = quote && judge(list, quote, evidence.collateral, { ...context, root })
  // What cannot be read, or is no TD, leaves nothing to look at; the verdict says so of every check.
  list.complete(TDX_CODES)
  const { checks } = list
  return {
    quote,
    tcb,
    verdict: {
      version: 1,
      platform: "tdx",
      accepted: accepts(checks, TDX_CODES),
      now: now.toISOString(),
      referenceValue: path,
      checks,
      ...(tcb?.status && { tcb: { status: tcb.status, tcbDate: tcb.tcbDate, advisories: tcb.advisories } }),
    },
  }
}

function judge(
  list: Checklist<TdxCode>,
  quote: TdxQuote,
  collateral: IntelCollateral,
  context: Required<TdxContext>,
): TcbAssessment | undefined {
  const { root, now } = context
  const { body } = quote
  const endorsed = checkAuthenticity(list, quote, { collateral, root, now })
  if (body.kind === "td") {
    checkPlatform(list, body)
    checkReferenceValues(list, body, endorsed, context)
  }
  return endorsed.tcb
}
