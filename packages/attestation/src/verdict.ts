import type { Technology } from "@contrast/manifest"

/** What became of a check. `skipped`: an earlier failure left nothing to look at. */
export type Outcome = "pass" | "fail" | "skipped"

/** One thing that was looked at in a piece of evidence. Nothing in it is secret. */
export interface Check<Code extends string = string> {
  /** What was checked, which is also the code of the refusal if it fails. */
  readonly id: Code
  /** The field, for example `report.vmpl`. */
  readonly subject: string
  readonly outcome: Outcome
  /** Lower-case hex, a decimal number, an ISO time or a list of words. */
  readonly expected: string
  readonly actual: string
  /** The place in the manifest that decides, for example `ReferenceValues.tdx[0].MrTd`. */
  readonly manifest?: string
  /** Why the check was skipped. */
  readonly because?: Code
}

/** The judgement of one piece of evidence against one entry of the reference values. */
export interface Verdict<Code extends string = string> {
  readonly version: 1
  readonly platform: Technology
  /** Every check passed; none failed, none was skipped. */
  readonly accepted: boolean
  /** The moment that validity was judged for, ISO 8601. */
  readonly now: string
  /** The entry that was judged, for example `ReferenceValues.snp[0]`. */
  readonly referenceValue?: string
  readonly checks: readonly Check<Code>[]
  /** TDX: what Intel says of the platform's firmware. */
  readonly tcb?: { readonly status: string; readonly tcbDate: string; readonly advisories: readonly string[] }
}

/** Whether a list of checks accepts: it holds each of the codes that a verdict has to hold, and every check passed. */
export function accepts<Code extends string>(
  checks: readonly Check<Code>[],
  codes: readonly [Code, ...Code[]],
): boolean {
  const made = new Set(checks.map(({ id }) => id))
  return codes.every((code) => made.has(code)) && checks.every(({ outcome }) => outcome === "pass")
}

/** The first check that failed. */
export function firstFailure<Code extends string>(checks: readonly Check<Code>[]): Check<Code> | undefined {
  return checks.find(({ outcome }) => outcome === "fail")
}
