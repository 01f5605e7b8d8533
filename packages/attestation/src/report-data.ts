import { concatBytes, encodeUtf8, sha256, sha512 } from "@contrast/crypto"

/** Size of the report data that evidence carries. */
export const REPORT_DATA_BYTES = 64

/** Size of the verifier's nonce. */
export const NONCE_BYTES = 32

/** Label of the TLS exporter (RFC 8446 §7.5), used without context. */
export const EXPORTER_LABEL = "EXPERIMENTAL contrast attestation v1"

/** Size of the exported keying material. */
export const EXPORTER_BYTES = 32

/** Which end of the connection attests. */
export type AttesterRole = "server" | "client"

/** What session-bound evidence covers. */
export interface SessionBinding {
  readonly role: AttesterRole
  /** Keying material exported from the TLS 1.3 session, {@link EXPORTER_BYTES} bytes. Secret, never sent. */
  readonly exporter: Uint8Array
  /** Chosen by the verifier, {@link NONCE_BYTES} bytes. */
  readonly nonce: Uint8Array
  /** DER of the public key in the attester's TLS certificate. */
  readonly subjectPublicKeyInfo: Uint8Array
}

const CONTEXT = encodeUtf8("contrast attestation v1")
const SEPARATOR = Uint8Array.of(0)

/**
 * Report data of session-bound evidence: SHA-512 of context, role, exporter, nonce and SHA-256 of the key. Only the
 * two ends of the TLS session know the exporter, so that nobody can relay the evidence into another session.
 *
 * @returns {@link REPORT_DATA_BYTES} bytes.
 */
export function sessionReportData({ role, exporter, nonce, subjectPublicKeyInfo }: SessionBinding): Uint8Array {
  requireSize("exporter", exporter, EXPORTER_BYTES)
  requireSize("nonce", nonce, NONCE_BYTES)
  const key = sha256(subjectPublicKeyInfo)
  return sha512(concatBytes(CONTEXT, SEPARATOR, encodeUtf8(role), SEPARATOR, exporter, nonce, key))
}

/**
 * Report data of evidence inside the handshake: SHA-512 of the key and the nonce. It binds a key and not a session,
 * so whoever holds the key can relay it.
 *
 * @returns {@link REPORT_DATA_BYTES} bytes.
 */
export function handshakeReportData({
  subjectPublicKeyInfo,
  nonce,
}: Pick<SessionBinding, "subjectPublicKeyInfo" | "nonce">): Uint8Array {
  requireSize("nonce", nonce, NONCE_BYTES)
  return sha512(subjectPublicKeyInfo, nonce)
}

function requireSize(name: string, bytes: Uint8Array, size: number): void {
  if (bytes.length !== size) throw new RangeError(`${name} must have ${size} bytes, got ${bytes.length}`)
}
