/** Why a value was refused. Callers decide on this, never on the message. */
export type CryptoErrorCode =
  // Encodings
  | "HEX"
  | "BASE64"
  | "UTF8"
  | "DER"
  | "PEM"
  // Keys and sealed bytes
  | "KEY_ENCODING"
  | "KEY_TYPE"
  | "KEY_SIZE"
  | "NONCE_SIZE"
  | "OPEN_FAILED"
  // Seed engine
  | "SALT_SIZE"
  | "SEED_SIZE"
  | "SECRET_SIZE"
  | "WORKLOAD_SECRET_ID"
  | "TRANSIT_KEY_VERSION"
  // Seed shares
  | "SHARE_DOCUMENT"
  | "SHARE_NOT_FOUND"
  // Certificates
  | "SUBJECT_ALT_NAME"
  | "ACCEPTABLE_CA"
  | "CERTIFICATE"
  | "CERTIFICATE_NOT_YET_VALID"
  | "CERTIFICATE_EXPIRED"
  | "CERTIFICATE_ISSUER"
  | "CERTIFICATE_AUTHORITY"
  | "CERTIFICATE_EXTENSION"
  | "CERTIFICATE_SIGNATURE"

/** A refusal of input by this package. The message never holds a secret. */
export class CryptoError extends Error {
  override readonly name: string = "CryptoError"
  readonly code: CryptoErrorCode

  constructor(code: CryptoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
