import type { Verdict } from "@contrast/attestation"

/** Why the program refuses; how each ends the program stands in `failure.ts`. */
export type CliErrorCode =
  // The command line
  | "USAGE"
  // Files
  | "FILE_NOT_FOUND"
  | "FILE_ACCESS"
  | "FILE_SIZE"
  | "FILE_FULL"
  | "FILE_CONTENT"
  | "FILE_EXISTS"
  | "KEY_FILE"
  // Kubernetes files and what is made of them
  | "WORKLOAD"
  | "WORKLOAD_MISSING"
  | "PLATFORM"
  | "INSECURE"
  // The manifest and what belongs to it
  | "MANIFEST"
  | "POLICIES_DIFFER"
  // What a Coordinator is, and what it answered
  | "ATTESTATION"
  | "EVIDENCE_FILE"
  | "COLLATERAL"
  | "HISTORY_EMPTY"
  | "HISTORY_DIFFERS"
  | "HISTORY_ROLLBACK"
  | "ROOT_CA_DIFFERS"
  | "ANSWER"
  | "ANSWER_LOST"
  | "SHARES_UNKEPT"
  // The person at the keyboard
  | "INTERRUPTED"

/** One thing that is wrong, and where. */
export interface CliProblem {
  /** Code of the package that found it. */
  readonly code?: string
  /** The file, as the user named it. */
  readonly file?: string
  /** Counted from 1. */
  readonly line?: number
  readonly column?: number
  /** `kind/name` of a Kubernetes object. */
  readonly resource?: string
  /** Field inside the object or JSON path; empty for the whole of it. */
  readonly path?: string
  readonly message: string
}

/** What a refusal carries besides its code and message. */
export interface CliErrorOptions extends ErrorOptions {
  /** What to do next. */
  readonly hint?: string
  readonly problems?: readonly CliProblem[]
  /** How evidence was judged, the closest entry of the reference values first. */
  readonly verdicts?: readonly Verdict[]
  /** A seed share document that no file would take. It is encrypted to its owners. */
  readonly seedShares?: string
}

/** A refusal by the program. Its texts never hold a secret. */
export class CliError extends Error {
  override readonly name = "CliError"
  readonly code: CliErrorCode
  readonly hint: string | undefined
  readonly problems: readonly CliProblem[]
  readonly verdicts: readonly Verdict[]
  readonly seedShares: string | undefined

  constructor(
    code: CliErrorCode,
    message: string,
    { hint, problems = [], verdicts = [], seedShares, ...options }: CliErrorOptions = {},
  ) {
    super(message, options)
    this.code = code
    this.hint = hint
    this.problems = problems
    this.verdicts = verdicts
    this.seedShares = seedShares
  }
}
