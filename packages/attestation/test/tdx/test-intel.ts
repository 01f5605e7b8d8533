import { encodeHex } from "@contrast/crypto"
import type { TdxReferenceValues } from "@contrast/manifest"
import {
  INTEL_TD,
  intelAuthorities,
  issueIntelCollateral,
  signIntelQuote,
  type IntelQuoteOptions,
  type IntelTestCollateral,
} from "@contrast/test-authority"
import type { PolicyExpectation } from "../../src/binding-checks.ts"
import { verifyTdx, type IntelCollateral, type TdxJudgement } from "../../src/index.ts"

/** When the played Intel's collateral is good. */
export const NOW = new Date("2026-06-01T00:00:00Z")
export const REPORT_DATA = new Uint8Array(64).fill(0x33)
export const HOST_DATA = new Uint8Array(32).fill(0x22)
export const PATH = "ReferenceValues.tdx[0]"
export const POLICY: PolicyExpectation = {
  policies: new Map([[encodeHex(HOST_DATA), { sans: ["web"], workloadSecretId: "" }]]),
  demand: "named",
}

const good: IntelTestCollateral = issueIntelCollateral()

/** Reference values that accept the played TD. */
export const values: TdxReferenceValues = {
  kind: "tdx",
  platform: "Metal-QEMU-TDX",
  minTcbEvaluationDataNumber: 18,
  ...INTEL_TD,
  rtmr0Alternatives: [],
  allowedPiids: [],
  memoryIntegrity: true,
  smtDisabled: true,
  staticPlatform: true,
}

/** How a judgement differs from that of good evidence. */
export interface Change {
  readonly quote?: IntelQuoteOptions
  /** Changes the quote after it was signed. */
  readonly raw?: (quote: Uint8Array) => Uint8Array
  readonly collateral?: Partial<IntelCollateral>
  readonly values?: Partial<TdxReferenceValues>
  readonly policy?: PolicyExpectation
  readonly now?: Date
}

export function judge(change: Change = {}): TdxJudgement {
  const quote = signIntelQuote({ reportData: REPORT_DATA, hostData: HOST_DATA, ...change.quote })
  return verifyTdx(
    { quote: change.raw ? change.raw(quote) : quote, collateral: { ...good, ...change.collateral } },
    {
      values: { ...values, ...change.values },
      path: PATH,
      policy: change.policy ?? POLICY,
      reportData: REPORT_DATA,
      now: change.now ?? NOW,
      root: intelAuthorities().root.certificate,
    },
  )
}

/** The codes that refuse, each once, sorted. */
export function refusals({ verdict }: TdxJudgement): readonly string[] {
  return [...new Set(verdict.checks.filter(({ outcome }) => outcome === "fail").map(({ id }) => id))].sort()
}

/** Checks that were skipped because of one that did not fail. */
export function misnamed(judgement: TdxJudgement): readonly string[] {
  const failed = refusals(judgement)
  return judgement.verdict.checks.flatMap(({ id, because }) =>
    because && !failed.includes(because) ? [`${id}: ${because}`] : [],
  )
}
