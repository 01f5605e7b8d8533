import type { Check, Outcome, Verdict } from "@contrast/attestation"

const ORDER: readonly Outcome[] = ["fail", "skipped", "pass"]
const MARKS: Readonly<Record<Outcome, string>> = { fail: "FAIL", skipped: "skip", pass: "pass" }

/** A verdict for people: what failed first. */
export function formatVerdict(verdict: Verdict, positionOf: (manifestPath: string) => string): string {
  const { accepted, referenceValue, now, tcb } = verdict
  const title = `Verdict by ${referenceValue ?? "the manifest"} at ${now}: ${accepted ? "ACCEPTED" : "REFUSED"}`
  const checks = verdict.checks.toSorted((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome))
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
