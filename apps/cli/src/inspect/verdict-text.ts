import type { Check, Outcome, Verdict } from "@contrast/attestation"

const ORDER: readonly Outcome[] = ["fail", "skipped", "pass"]
const MARKS: Readonly<Record<Outcome, string>> = { fail: "FAIL", skipped: "skip", pass: "pass" }

/** What a verdict is printed with. */
export interface VerdictText {
  readonly positionOf: (manifestPath: string) => string
  /** Whether the evidence's report data was held against what somebody expects, and not against itself. */
  readonly reportDataCompared: boolean
}

/** A verdict for people: what failed first. */
export function formatVerdict(verdict: Verdict, { positionOf, reportDataCompared }: VerdictText): string {
  const { accepted, referenceValue, now, tcb } = verdict
  const outcome = `${accepted ? "ACCEPTED" : "REFUSED"}${reportDataCompared ? "" : ", report data not compared"}`
  const title = `Verdict by ${referenceValue ?? "the manifest"} at ${now}: ${outcome}`
  const checks = verdict.checks
    .map((check) =>
      check.id === "REPORT_DATA" && !reportDataCompared ? { ...check, outcome: "skipped" as const } : check,
    )
    .toSorted((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome))
  return [title, ...(tcb ? [formatTcb(tcb)] : []), ...checks.map((check) => formatCheck(check, positionOf))].join("\n")
}

function formatTcb({ status, tcbDate, advisories }: NonNullable<Verdict["tcb"]>): string {
  return `  TCB status ${status} of ${tcbDate}${advisories.length > 0 ? `, advisories ${advisories.join(", ")}` : ""}`
}

function formatCheck(check: Check, positionOf: (manifestPath: string) => string): string {
  const { id, subject, outcome, expected, actual, manifest, because } = check
  const head = `  ${MARKS[outcome]}  ${id}  ${subject}`
  if (outcome === "skipped") return `${head}: not looked at${because === undefined ? "" : `, because of ${because}`}`
  const place = manifest === undefined ? "" : `  [${positionOf(manifest)}]`
  return outcome === "pass" ? `${head}: ${actual}${place}` : `${head}: expected ${expected}, got ${actual}${place}`
}
