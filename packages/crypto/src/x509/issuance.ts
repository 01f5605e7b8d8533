import { type KeyObject, createPublicKey, sign } from "node:crypto"
import { type SignatureAlgorithm, signingAlgorithm } from "./algorithms.ts"
import { type Certificate, parseCertificate } from "./certificate.ts"
import { Tag, encodeDer, encodeInteger, explicitTag } from "./der.ts"
import { type CertificateExtension, encodeExtension } from "./extensions.ts"
import { encodeTime } from "./time.ts"

/** 127 random bits and a leading zero: positive, and never longer than 16 bytes (RFC 5280 §4.1.2.2). */
const SERIAL_BYTES = 16
const VERSION_3 = encodeDer(explicitTag(0), encodeInteger(Uint8Array.of(2)))

/** What every issued certificate needs from its caller. */
export interface IssueOptions {
  readonly now: Date
  /** 16 random bytes; the highest bit is cleared. */
  readonly serial: Uint8Array
}

/** A certificate before it is signed. */
export interface CertificateContent {
  readonly serial: Uint8Array
  /** DER of a Name. */
  readonly issuer: Uint8Array
  /** DER of a Name. */
  readonly subject: Uint8Array
  readonly notBefore: Date
  readonly notAfter: Date
  readonly subjectPublicKeyInfo: Uint8Array
  readonly extensions: readonly CertificateExtension[]
}

/**
 * Signs a certificate and reads it back, so that nothing leaves that we would refuse to read.
 *
 * @throws RangeError when the serial is not 16 random bytes.
 * @throws {@link CryptoError} `KEY_TYPE` for a signing key that certificates cannot name, `CERTIFICATE` for one over 64 KiB.
 */
export function signCertificate(content: CertificateContent, signingKey: KeyObject): Certificate {
  const algorithm = signingAlgorithm(signingKey)
  const signed = encodeContent(content, algorithm)
  const signature = encodeDer(Tag.bitString, Uint8Array.of(0), sign(algorithm.hash, signed, signingKey))
  return parseCertificate(encodeDer(Tag.sequence, signed, algorithm.identifier, signature))
}

/** Signs a certificate with the key that it is about, as {@link signCertificate} does. */
export function signOwnCertificate(
  {
    name,
    ...content
  }: Omit<CertificateContent, "issuer" | "subject" | "subjectPublicKeyInfo"> & { readonly name: Uint8Array },
  key: KeyObject,
): Certificate {
  return signCertificate(
    { ...content, issuer: name, subject: name, subjectPublicKeyInfo: encodePublicKeyInfo(key) },
    key,
  )
}

/** DER of the SubjectPublicKeyInfo of a key, public or private. */
export function encodePublicKeyInfo(key: KeyObject): Uint8Array {
  const publicKey = key.type === "private" ? createPublicKey(key) : key
  return new Uint8Array(publicKey.export({ type: "spki", format: "der" }))
}

function encodeContent(content: CertificateContent, algorithm: SignatureAlgorithm): Uint8Array {
  const extensions = encodeDer(Tag.sequence, ...content.extensions.map(encodeExtension))
  return encodeDer(
    Tag.sequence,
    VERSION_3,
    encodeSerial(content.serial),
    algorithm.identifier,
    content.issuer,
    encodeDer(Tag.sequence, encodeTime(content.notBefore), encodeTime(content.notAfter)),
    content.subject,
    content.subjectPublicKeyInfo,
    // An empty list is not valid, so it is left out (RFC 5280 §4.1).
    ...(content.extensions.length > 0 ? [encodeDer(explicitTag(3), extensions)] : []),
  )
}

function encodeSerial(serial: Uint8Array): Uint8Array {
  const positive = Uint8Array.from(serial, (byte, index) => (index === 0 ? byte & 0x7f : byte))
  if (serial.length !== SERIAL_BYTES || positive.every((byte) => byte === 0)) {
    throw new RangeError(`expected ${SERIAL_BYTES} random bytes as serial`)
  }
  return encodeInteger(positive)
}
