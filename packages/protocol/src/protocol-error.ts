import { Metadata, type ServiceError, type status } from "@grpc/grpc-js"
import type { ErrorCode } from "./error-code.ts"
import { codeOfStatus, isErrorCode, statusOf } from "./status.ts"

/** The gRPC metadata key in which the code of an error travels. */
export const ERROR_CODE_KEY = "contrast-error-code"

/** HTTP/2 peers take about 8 KiB of headers. */
const MAX_MESSAGE_LENGTH = 2048

/** Errors of the core packages, which know no borders: what a whole class of them means to a caller. */
const CODE_OF_CLASS: ReadonlyMap<unknown, ErrorCode> = new Map([
  ["ManifestError", "MANIFEST"],
  ["PolicyError", "POLICY"],
  ["AttestationError", "ATTESTATION"],
  ["CryptoError", "REQUEST"],
])

/** A refusal or failure of a call, as it crosses the border between two programs. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError"
  readonly code: ErrorCode
  readonly grpcStatus: status

  constructor(code: ErrorCode, message: string, options?: ErrorOptions & { readonly grpcStatus?: status }) {
    super(message, options)
    this.code = code
    this.grpcStatus = options?.grpcStatus ?? statusOf(code).grpc
  }
}

/**
 * The code that an error has on the border. Our own errors keep theirs, errors of the core have one for their class,
 * and anything else is `INTERNAL`.
 */
export function errorCodeOf(error: unknown): ErrorCode {
  return findCode(error) ?? "INTERNAL"
}

/**
 * What a gRPC server answers for an error. Text of errors that are not ours stays here: nobody has thought about
 * what it may tell.
 */
export function toServiceError(error: unknown): ServiceError {
  const known = findCode(error)
  const { message } = membersOf(error)
  const text = known && typeof message === "string" ? message : "internal error"
  const details = text.slice(0, MAX_MESSAGE_LENGTH).toWellFormed()
  const code = known ?? "INTERNAL"
  const metadata = new Metadata()
  metadata.set(ERROR_CODE_KEY, code)
  return Object.assign(new Error(details, { cause: error }), { code: statusOf(code).grpc, details, metadata })
}

/** Our error for what a gRPC client reports. */
export function fromServiceError(error: unknown): ProtocolError {
  if (!isServiceError(error)) return new ProtocolError("INTERNAL", "the call failed", { cause: error })
  const [carried] = error.metadata.get(ERROR_CODE_KEY)
  const code = typeof carried === "string" && isErrorCode(carried) ? carried : codeOfStatus(error.code, error.details)
  return new ProtocolError(code, error.details, { cause: error, grpcStatus: error.code })
}

function findCode(error: unknown): ErrorCode | undefined {
  const { name, code } = membersOf(error)
  return CODE_OF_CLASS.get(name) ?? (typeof code === "string" && isErrorCode(code) ? code : undefined)
}

interface ErrorMembers {
  readonly name?: unknown
  readonly code?: unknown
  readonly message?: unknown
}

/** What may be found on a thrown value, which may be anything. */
function membersOf(error: unknown): ErrorMembers {
  return typeof error === "object" && error !== null ? error : {}
}

function isServiceError(error: unknown): error is ServiceError {
  return (
    typeof error === "object" &&
    error !== null &&
    "code" in error &&
    typeof error.code === "number" &&
    "details" in error &&
    typeof error.details === "string" &&
    "metadata" in error &&
    error.metadata instanceof Metadata
  )
}
