import { status } from "@grpc/grpc-js"
import type { ErrorCode } from "./error-code.ts"

/** How a program ends. */
export const EXIT = {
  done: 0,
  /** Refused, or a failed check. */
  refused: 1,
  usage: 2,
  /** The other side's attestation was refused. */
  attestation: 3,
  needsRecovery: 4,
  conflict: 5,
  unreachable: 6,
} as const

/** One of the values of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** What one of our codes means on each border. */
export interface StatusRow {
  readonly grpc: status
  /** A 5xx makes clients try again, so only what heals by itself or by an operator is one, and what broke. */
  readonly http: number
  readonly exit: ExitCode
}

const row = (grpc: status, http: number, exit: ExitCode = EXIT.refused): StatusRow => ({ grpc, http, exit })

const {
  CANCELLED,
  DEADLINE_EXCEEDED,
  FAILED_PRECONDITION,
  INTERNAL,
  INVALID_ARGUMENT,
  NOT_FOUND,
  PERMISSION_DENIED,
  RESOURCE_EXHAUSTED,
  UNAUTHENTICATED,
  UNAVAILABLE,
  UNIMPLEMENTED,
  UNKNOWN,
} = status

/** The one table: our error code, its gRPC status, its HTTP status, and how a program ends on it. */
const TABLE: Readonly<Record<ErrorCode, StatusRow>> = {
  // The request itself
  REQUEST: row(INVALID_ARGUMENT, 400),
  DECRYPTION: row(INVALID_ARGUMENT, 400),
  MANIFEST: row(INVALID_ARGUMENT, 400),
  POLICY: row(INVALID_ARGUMENT, 400),
  // The established implementation says Internal for a policy that did not come along.
  POLICY_MISSING: row(INTERNAL, 400),
  POLICY_UNEXPECTED: row(INVALID_ARGUMENT, 400),
  SECURITY_LEVEL: row(INVALID_ARGUMENT, 400),
  TRANSITION_HASH: row(INVALID_ARGUMENT, 400),
  WRONG_SEED: row(INVALID_ARGUMENT, 400),
  BODY_SIZE: row(RESOURCE_EXHAUSTED, 413),
  BUSY: row(RESOURCE_EXHAUSTED, 503),
  PATH: row(UNIMPLEMENTED, 404),
  METHOD: row(UNIMPLEMENTED, 405),

  // Who asks
  // The established implementation says PermissionDenied to a client without a certificate, or with one of no use.
  CLIENT_CERTIFICATE: row(PERMISSION_DENIED, 403),
  EVIDENCE_ABSENT: row(UNAUTHENTICATED, 403),
  CHALLENGE: row(UNAUTHENTICATED, 403),
  ATTESTATION: row(PERMISSION_DENIED, 403, EXIT.attestation),
  NAME: row(PERMISSION_DENIED, 403),
  MANIFEST_SIGNATURE: row(PERMISSION_DENIED, 403),
  OWNER_KEY: row(PERMISSION_DENIED, 403),
  SEEDSHARE_OWNERS_CHANGED: row(PERMISSION_DENIED, 403),
  POLICY_NOT_FOUND: row(PERMISSION_DENIED, 403),
  ROLE: row(PERMISSION_DENIED, 403),
  RECOVERY_OWNER: row(PERMISSION_DENIED, 403),
  REFUSED: row(PERMISSION_DENIED, 403),

  // The state that the Coordinator is in
  UNINITIALISED: row(FAILED_PRECONDITION, 503),
  NO_MANIFEST: row(FAILED_PRECONDITION, 503),
  NO_STATE: row(FAILED_PRECONDITION, 503),
  NEEDS_RECOVERY: row(FAILED_PRECONDITION, 503, EXIT.needsRecovery),
  ALREADY_RECOVERED: row(FAILED_PRECONDITION, 409),
  RECOVERED_PEERS: row(FAILED_PRECONDITION, 409),
  RECOVERY_SECURITY_LEVEL: row(FAILED_PRECONDITION, 409),
  ROLLBACK: row(FAILED_PRECONDITION, 409),
  PRECONDITION: row(FAILED_PRECONDITION, 409),
  PREVIOUS_TRANSITION: row(FAILED_PRECONDITION, 409, EXIT.conflict),
  CONFLICT: row(FAILED_PRECONDITION, 409, EXIT.conflict),
  HISTORY_FULL: row(FAILED_PRECONDITION, 409),
  POLICY_NAMES: row(FAILED_PRECONDITION, 409),
  MESH_NOT_READY: row(UNAVAILABLE, 503),
  MESH_STATE_CHANGED: row(UNAVAILABLE, 503),

  // What broke
  RECOVERY_HISTORY: row(UNKNOWN, 500),
  HISTORY_DAMAGED: row(INTERNAL, 500),
  STORE: row(INTERNAL, 500),
  STORE_FULL: row(INTERNAL, 500),
  STORE_UNCERTAIN: row(INTERNAL, 500),
  PEER_LOOKUP: row(INTERNAL, 500),
  INTERNAL: row(INTERNAL, 500),
  UNKNOWN: row(UNKNOWN, 500),

  // The connection, as a client sees it
  UNREACHABLE: row(UNAVAILABLE, 503, EXIT.unreachable),
  NOT_ATTESTING: row(UNIMPLEMENTED, 501, EXIT.attestation),
  NOT_FOUND: row(NOT_FOUND, 404),
  LIMIT: row(RESOURCE_EXHAUSTED, 429),
  TIMEOUT: row(DEADLINE_EXCEEDED, 504, EXIT.unreachable),
  CANCELLED: row(CANCELLED, 499),
}

/** What a code means on each border. */
export function statusOf(code: ErrorCode): StatusRow {
  return TABLE[code]
}

/** Whether a text is one of our codes. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(TABLE, text)
}

/** How a program ends on a code; a code that the table does not know is a refusal. */
export function exitCodeOf(code: string): ExitCode {
  return isErrorCode(code) ? TABLE[code].exit : EXIT.refused
}

/** Codes for answers that carry none: those of the established implementation, or of something in between. */
const CODE_OF_STATUS: Readonly<Partial<Record<status, ErrorCode>>> = {
  [CANCELLED]: "CANCELLED",
  [INVALID_ARGUMENT]: "REQUEST",
  [DEADLINE_EXCEEDED]: "TIMEOUT",
  [NOT_FOUND]: "NOT_FOUND",
  [PERMISSION_DENIED]: "REFUSED",
  [UNAUTHENTICATED]: "CLIENT_CERTIFICATE",
  [RESOURCE_EXHAUSTED]: "LIMIT",
  [FAILED_PRECONDITION]: "PRECONDITION",
  [UNIMPLEMENTED]: "PATH",
  [INTERNAL]: "INTERNAL",
  [UNAVAILABLE]: "UNREACHABLE",
}

/** Texts of the established implementation that tell more than its status does. */
const CODE_OF_TEXT: readonly (readonly [string, ErrorCode])[] = [
  ["coordinator is in recovery mode", "NEEDS_RECOVERY"],
  ["coordinator is already recovered", "ALREADY_RECOVERED"],
  ["no manifest configured", "NO_MANIFEST"],
  ["no state to recover from", "NO_STATE"],
  ["previous transition hash", "PREVIOUS_TRANSITION"],
  ["coordinator state was updated concurrently", "CONFLICT"],
]

/** The code for a gRPC answer that carries none of ours. */
export function codeOfStatus(grpc: status, text: string): ErrorCode {
  if (grpc === FAILED_PRECONDITION) {
    const known = CODE_OF_TEXT.find(([part]) => text.includes(part))
    if (known) return known[1]
  }
  return CODE_OF_STATUS[grpc] ?? "UNKNOWN"
}
