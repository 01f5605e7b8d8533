/** Why a manifest or a history was refused. Callers decide on this, never on the message. */
export type ManifestErrorCode =
  // The manifest as text
  | "MANIFEST_SIZE"
  | "MANIFEST_JSON"
  | "UNKNOWN_KEY"
  | "DUPLICATE_KEY"
  | "MISSING_KEY"
  | "WRONG_TYPE"
  | "OUT_OF_RANGE"
  // One value of it
  | "HEX"
  | "POLICY_HASH"
  | "SUBJECT_ALT_NAME"
  | "WORKLOAD_SECRET_ID"
  | "UNKNOWN_ROLE"
  | "PLATFORM"
  | "PRODUCT_NAME"
  | "API_VERSION"
  | "INSECURE_VALUE"
  | "UNUSABLE_OWNER_KEY"
  // The manifest as a whole
  | "COORDINATOR_MISSING"
  | "REFERENCE_VALUES_EMPTY"
  | "REFERENCE_VALUE_MISSING"
  | "REFERENCE_VALUE_FORBIDDEN"
  | "MIXED_PLATFORMS"
  // Transitions and their history
  | "TRANSITION_SIZE"
  | "LATEST_TRANSITION_SIZE"
  | "HISTORY_MISSING"
  | "HISTORY_HASH"
  | "HISTORY_LENGTH"
  | "HISTORY_SIGNATURE"
  | "OWNER_MISSING"
  | "OWNER_SIGNATURE"

/** One thing that is wrong, and where. */
export interface ManifestProblem {
  readonly code: ManifestErrorCode
  /** JSON path in the manifest (`$.Policies["ab…"].SANs[0]`), or the key of the object in the history (`transitions/ab…`). */
  readonly path: string
  readonly message: string
  /** Counted from 1, where the text of the manifest was at hand. */
  readonly line?: number
  /** Counted from 1 in UTF-16 units, as editors do. */
  readonly column?: number
}

/**
 * A refusal of input by this package: everything that was found wrong, in the order of the text.
 *
 * `code`, `path`, `line` and `column` are those of the first problem.
 */
export class ManifestError extends Error {
  override readonly name: string = "ManifestError"
  readonly code: ManifestErrorCode
  readonly path: string
  readonly line?: number
  readonly column?: number
  readonly problems: readonly ManifestProblem[]

  constructor(problems: readonly [ManifestProblem, ...ManifestProblem[]], options?: ErrorOptions) {
    const [first, ...others] = problems
    super(`${first.path}: ${first.message}${others.length > 0 ? ` (and ${others.length} more)` : ""}`, options)
    this.code = first.code
    this.path = first.path
    if (first.line !== undefined) this.line = first.line
    if (first.column !== undefined) this.column = first.column
    this.problems = problems
  }
}
