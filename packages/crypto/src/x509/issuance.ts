import { type KeyObject, createPublicKey, sign } from "node:crypto"
import { type SignatureAlgorithm, signingAlgorithm } from "./algorithms.ts"
import { type Certificate, readOwnCertificate } from "./certificate.ts"
import { type DerElement, Tag, bitString, constructed, encodeDer, explicitTag, integer } from "./der.ts"
import { parseDer } from "./der-reading.ts"
import { type CertificateExtension, extensionElement } from "./extensions.ts"
import { time } from "./time.ts"

/** 127 random bits and a leading zero: positive, and never longer than 16 bytes (RFC 5280 §4.1.2.2). */
const SERIAL_BYTES = 16
const VERSION_3 = constructed(explicitTag(0), integer(Uint8Array.of(2)))

/** Keys never change, and exporting one takes longer than signing with it. */
const publicKeyInfos = new WeakMap<KeyObject, Uint8Array>()

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
  const signed = contentElement(content, algorithm)
  const signature = bitString(sign(algorithm.hash, encodeDer(signed), signingKey))
  return readOwnCertificate(encodeDer(constructed(Tag.sequence, signed, parseDer(algorithm.identifier), signature)))
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
  const known = publicKeyInfos.get(key)
  if (known !== undefined) {
    return known
  }
  const publicKey = key.type === "private" ? createPublicKey(key) : key
  const encoded = new Uint8Array(publicKey.export({ type: "spki", format: "der" }))
  publicKeyInfos.set(key, encoded)
  return encoded
}

function contentElement(content: CertificateContent, algorithm: SignatureAlgorithm): DerElement {
  const extensions = content.extensions.map(extensionElement)
  return constructed(
    Tag.sequence,
    VERSION_3,
    serialNumber(content.serial),
    parseDer(algorithm.identifier),
    parseDer(content.issuer),
    constructed(Tag.sequence, time(content.notBefore), time(content.notAfter)),
    parseDer(content.subject),
    parseDer(content.subjectPublicKeyInfo),
    // An empty list is not valid, so it is left out (RFC 5280 §4.1).
    ...(extensions.length > 0 ? [constructed(explicitTag(3), constructed(Tag.sequence, ...extensions))] : []),
  )
}

function serialNumber(serial: Uint8Array): DerElement {
  const positive = Uint8Array.from(serial, (byte, index) => (index === 0 ? byte & 0x7f : byte))
  if (serial.length !== SERIAL_BYTES || positive.every((byte) => byte === 0)) {
    throw new RangeError(`expected ${SERIAL_BYTES} random bytes as serial`)
  }
  return integer(positive)
}
