import { statusOf, type ErrorCode } from "@contrast/protocol"

/** Why a transit request is refused. */
export type TransitErrorCode = Extract<
  ErrorCode,
  | "REQUEST"
  | "DECRYPTION"
  | "CLIENT_CERTIFICATE"
  | "NAME"
  | "PATH"
  | "METHOD"
  | "BODY_SIZE"
  | "BUSY"
  | "UNINITIALISED"
  | "NEEDS_RECOVERY"
>

/** A refused transit request. The message reaches the client and never holds a secret. */
export class TransitError extends Error {
  override readonly name = "TransitError"
  readonly code: TransitErrorCode
  /** HTTP status. */
  readonly status: number

  constructor(code: TransitErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.status = statusOf(code).http
  }
}
