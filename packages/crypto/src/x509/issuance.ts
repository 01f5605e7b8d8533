import { type KeyObject, createPublicKey, sign } from "node:crypto"
import { concatBytes } from "../bytes.ts"
import { CryptoError } from "../error.ts"
import { type SignatureAlgorithm, signingAlgorithm } from "./algorithms.ts"
import { type Certificate, type CertificateContent, readPublicKey } from "./certificate.ts"
import { type DerElement, Tag, bitString, constructed, encodeDer, explicitTag, integer, primitive } from "./der.ts"
import { MAX_DER_BYTES, contentOf, parseDer } from "./der-reading.ts"
import { extensionElement } from "./extensions.ts"
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

/**
 * Signs a certificate, by the hash that suits the key.
 *
 * @param content - Every extension once, which is not checked.
 * @throws {@link CryptoError} `KEY_TYPE` for a signing key that certificates cannot name, `DER` for a name or a key that is none,
 *   `CERTIFICATE` when it would be over 64 KiB.
 */
export function signCertificate(content: CertificateContent, signingKey: KeyObject): Certificate {
  const { hash, identifier } = signingAlgorithm(signingKey)
  const signedBytes = encodeDer(contentElement(content, identifier))
  const signature = new Uint8Array(sign(hash, signedBytes, signingKey))
  const der = encodeDer(primitive(Tag.sequence, concatBytes(signedBytes, identifier, encodeDer(bitString(signature)))))
  if (der.length > MAX_DER_BYTES) {
    throw new CryptoError("CERTIFICATE", `expected at most ${MAX_DER_BYTES} bytes of certificate, got ${der.length}`)
  }
  let publicKey: KeyObject | undefined
  return {
    ...content,
    der,
    // Seldom asked for, and reading it takes longer than signing.
    get publicKey() {
      return (publicKey ??= readPublicKey(der))
    },
    signedBytes,
    signatureAlgorithm: identifier,
    signature,
  }
}

/** Signs a certificate with the key that it is about, as {@link signCertificate} does. */
export function signOwnCertificate(
  content: Omit<CertificateContent, "issuer" | "subjectPublicKeyInfo">,
  key: KeyObject,
): Certificate {
  return signCertificate({ ...content, issuer: content.subject, subjectPublicKeyInfo: encodePublicKeyInfo(key) }, key)
}

/**
 * The serial number of a certificate from random bytes.
 *
 * @throws RangeError when they are not 16 random bytes.
 */
export function serialNumberOf(serial: Uint8Array): Uint8Array {
  const positive = Uint8Array.from(serial, (byte, index) => (index === 0 ? byte & 0x7f : byte))
  if (serial.length !== SERIAL_BYTES || positive.every((byte) => byte === 0)) {
    throw new RangeError(`expected ${SERIAL_BYTES} random bytes as serial`)
  }
  return contentOf(integer(positive), Tag.integer)
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

function contentElement(content: CertificateContent, algorithm: SignatureAlgorithm["identifier"]): DerElement {
  const extensions = content.extensions.map(extensionElement)
  return constructed(
    Tag.sequence,
    VERSION_3,
    primitive(Tag.integer, content.serialNumber),
    parseDer(algorithm),
    parseDer(content.issuer),
    constructed(Tag.sequence, time(content.notBefore), time(content.notAfter)),
    parseDer(content.subject),
    parseDer(content.subjectPublicKeyInfo),
    // An empty list is not valid, so it is left out (RFC 5280 §4.1).
    ...(extensions.length > 0 ? [constructed(explicitTag(3), constructed(Tag.sequence, ...extensions))] : []),
  )
}
