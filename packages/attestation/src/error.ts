import { firstFailure, type Check, type Verdict } from "./verdict.ts"

/** Refusals that do not depend on the platform. The codes of a platform's own checks stand beside its verifier. */
export type AttestationErrorCode =
  /** There is no evidence where there must be some. */
  | "EVIDENCE_ABSENT"
  /** No verifier for this type of evidence, or the manifest names no such platform. */
  | "EVIDENCE_TYPE"
  /** The document is not of the form of its type. */
  | "EVIDENCE_FORM"
  /** The evidence is good, but of another session, nonce or key. */
  | "REPORT_DATA"
  /** What attested is not what the manifest names for this role. */
  | "HOST_DATA"
  /** The evidence was read and judged, and refused; the verdicts say why. */
  | "EVIDENCE_REFUSED"

/** Refused evidence. */
export class AttestationError extends Error {
  override readonly name = "AttestationError"
  readonly code: AttestationErrorCode
  /** One verdict for each entry of the reference values that was tried, the one with the fewest failures first. */
  readonly verdicts: readonly Verdict[]

  constructor(
    code: AttestationErrorCode,
    message: string,
    options: { readonly verdicts?: readonly Verdict[]; readonly cause?: unknown } = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined)
    this.code = code
    this.verdicts = options.verdicts ?? []
  }
}

/** The error for evidence that no entry accepts. */
export function refusedBy(verdicts: readonly Verdict[]): AttestationError {
  const failures = (verdict: Verdict): number => verdict.checks.filter(({ outcome }) => outcome === "fail").length
  const sorted = verdicts.toSorted((a, b) => failures(a) - failures(b))
  const [closest] = sorted
  const failure = closest && firstFailure(closest.checks)
  const code = failure?.id === "REPORT_DATA" ? "REPORT_DATA" : "EVIDENCE_REFUSED"
  const message = failure ? describe(failure) : "no reference value for this platform"
  return new AttestationError(code, message, { verdicts: sorted })
}

/** Checks whose values identify a machine. They stand in the verdict, for its owner; messages go to peers and logs. */
const IDENTIFYING: readonly string[] = ["SNP_VEK_CHIP_ID", "SNP_CHIP_ID", "TDX_PIID"]

function describe({ id, subject, actual, expected }: Check): string {
  if (IDENTIFYING.includes(id)) return `${id}: ${subject} is another than expected`
  return `${id}: ${subject} is ${actual}, expected ${expected}`
}
