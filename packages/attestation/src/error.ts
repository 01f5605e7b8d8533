import type { SnpCode } from "./snp/codes.ts"
import type { TdxCode } from "./tdx/codes.ts"
import { firstFailure, type Check, type Verdict } from "./verdict.ts"

/** Why evidence is refused: before there is a verdict, or by the first check that failed in it. */
export type AttestationErrorCode =
  /** There is no evidence where there must be some. */
  | "EVIDENCE_ABSENT"
  /** No verifier for this type of evidence. */
  | "EVIDENCE_TYPE"
  /** The document is not of the form of its type. */
  | "EVIDENCE_FORM"
  | SnpCode
  | TdxCode

/** A verdict about evidence of any platform. */
export type AnyVerdict = Verdict<SnpCode | TdxCode>

/** Refused evidence. */
export class AttestationError extends Error {
  override readonly name = "AttestationError"
  readonly code: AttestationErrorCode
  /** One verdict for each entry of the reference values that was tried, the one with the fewest failures first. */
  readonly verdicts: readonly AnyVerdict[]

  constructor(
    code: AttestationErrorCode,
    message: string,
    options: { readonly verdicts?: readonly AnyVerdict[]; readonly cause?: unknown } = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined)
    this.code = code
    this.verdicts = options.verdicts ?? []
  }
}

/** The error for evidence that no entry accepts. */
export function refusedBy(verdicts: readonly AnyVerdict[]): AttestationError {
  const failures = ({ checks }: AnyVerdict): number => checks.filter(({ outcome }) => outcome === "fail").length
  const sorted = verdicts.toSorted((a, b) => failures(a) - failures(b))
  const checks = sorted[0]?.checks ?? []
  const refusal = firstFailure(checks) ?? checks.find(({ outcome }) => outcome === "skipped")
  const message = refusal ? describe(refusal) : "no reference value for this platform"
  return new AttestationError(refusal?.id ?? "REFERENCE_VALUE_MISSING", message, { verdicts: sorted })
}

/** Checks whose values identify a machine. They stand in the verdict, for its owner; messages go to peers and logs. */
const IDENTIFYING: readonly string[] = ["SNP_VEK_CHIP_ID", "SNP_CHIP_ID", "TDX_PIID"]

function describe({ id, subject, actual, expected }: Check): string {
  if (IDENTIFYING.includes(id)) return `${id}: ${subject} is another than expected`
  return `${id}: ${subject} is ${actual}, expected ${expected}`
}
