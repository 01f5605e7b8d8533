/**
 * Why the Coordinator refuses or fails. What a code means on the wire stands in the status table of `@contrast/protocol`;
 * the last group never gets there, for it keeps the Coordinator from serving.
 */
export type CoordinatorErrorCode =
  // The request
  | "SECURITY_LEVEL"
  | "POLICY_MISSING"
  | "POLICY_UNEXPECTED"
  | "TRANSITION_HASH"
  | "WRONG_SEED"
  // Who asks
  | "MANIFEST_SIGNATURE"
  | "OWNER_KEY"
  | "SEEDSHARE_OWNERS_CHANGED"
  | "RECOVERY_OWNER"
  | "CLIENT_CERTIFICATE"
  | "EVIDENCE_ABSENT"
  | "POLICY_NOT_FOUND"
  | "ROLE"
  // The state
  | "NO_MANIFEST"
  | "NO_STATE"
  | "NEEDS_RECOVERY"
  | "ALREADY_RECOVERED"
  | "RECOVERED_PEERS"
  | "RECOVERY_SECURITY_LEVEL"
  | "ROLLBACK"
  | "PREVIOUS_TRANSITION"
  | "CONFLICT"
  | "HISTORY_FULL"
  | "POLICY_NAMES"
  | "MESH_NOT_READY"
  | "MESH_STATE_CHANGED"
  // What broke
  | "RECOVERY_HISTORY"
  | "HISTORY_DAMAGED"
  | "STORE"
  | "STORE_FULL"
  | "STORE_UNCERTAIN"
  | "PEER_LOOKUP"
  // At the start
  | "CONFIG"
  | "PLATFORM"
  | "HOST_DATA"
  | "DIRECTORY_IN_USE"
  | "LISTEN"

/** A refusal by the Coordinator. The message may reach a client and a log, and never holds a secret. */
export class CoordinatorError extends Error {
  override readonly name = "CoordinatorError"
  readonly code: CoordinatorErrorCode

  constructor(code: CoordinatorErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
