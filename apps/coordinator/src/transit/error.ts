/** Why a transit request is refused; each code has one HTTP status. */
export type TransitErrorCode =
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

/** A 5xx makes clients try again, so only what heals by itself or by an operator is one. */
const STATUS: Readonly<Record<TransitErrorCode, number>> = {
  REQUEST: 400,
  DECRYPTION: 400,
  CLIENT_CERTIFICATE: 403,
  NAME: 403,
  PATH: 404,
  METHOD: 405,
  BODY_SIZE: 413,
  BUSY: 503,
  UNINITIALISED: 503,
  NEEDS_RECOVERY: 503,
}

/** A refused transit request. The message reaches the client and never holds a secret. */
export class TransitError extends Error {
  override readonly name = "TransitError"
  readonly code: TransitErrorCode
  /** HTTP status. */
  readonly status: number

  constructor(code: TransitErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.status = STATUS[code]
  }
}
