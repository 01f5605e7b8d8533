/** Why collateral that was handed over is refused. */
export type CollateralErrorCode =
  /** Not the JSON of a piece of collateral, or altered on the way. */
  | "ENTRY"
  /** Not the JSON of a bundle. */
  | "BUNDLE"
  /** Not the address of a service. */
  | "URL"
  /** No room for one more piece. */
  | "CACHE_FULL"

/** Collateral or an address that cannot be used. */
export class CollateralError extends Error {
  override readonly name = "CollateralError"
  readonly code: CollateralErrorCode

  constructor(code: CollateralErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
