/** Why bytes are no quote that can be read. */
export type TdxQuoteErrorCode =
  "TDX_QUOTE_SIZE" | "TDX_QUOTE_VERSION" | "TDX_BODY_TYPE" | "TDX_AUTH_SIZE" | "TDX_CERT_DATA_FORM"

/** Bytes that are no quote. */
export class TdxQuoteError extends Error {
  override readonly name = "TdxQuoteError"
  readonly code: TdxQuoteErrorCode

  constructor(code: TdxQuoteErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
