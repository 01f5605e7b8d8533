import { type KeyObject, X509Certificate } from "node:crypto"
import { equalBytes } from "../bytes.ts"
import { CryptoError } from "../error.ts"
import { encodePem } from "../pem.ts"
import { type DerElement, Tag, encodeDer, explicitTag } from "./der.ts"
import { childrenOf, contentOf, octetsOfBitString, parseDer } from "./der-reading.ts"
import { findCommonName } from "./distinguished-name.ts"
import { type CertificateExtension, parseExtensions } from "./extensions.ts"
import { parseTime } from "./time.ts"

/** The `version` field of X.509 v3 counts from 0. */
const VERSION_3 = 2

/** An X.509 v3 certificate as it was read: well formed, but nothing in it has been verified. */
export interface Certificate {
  /** The exact bytes. */
  readonly der: Uint8Array
  /** Big-endian, two's complement, as encoded. */
  readonly serialNumber: Uint8Array
  /** Exact DER of the issuer's Name. */
  readonly issuer: Uint8Array
  /** Exact DER of the subject's Name. */
  readonly subject: Uint8Array
  /** The first CommonName of the subject. */
  readonly subjectCommonName: string | undefined
  readonly notBefore: Date
  readonly notAfter: Date
  /** Exact DER of the SubjectPublicKeyInfo. */
  readonly subjectPublicKeyInfo: Uint8Array
  /** The subject's key; a point of an EC key lies on its curve. */
  readonly publicKey: KeyObject
  /** In the order of the certificate, each identifier once. */
  readonly extensions: readonly CertificateExtension[]
  /** Exact DER of the TBSCertificate: what the signature covers. */
  readonly signedBytes: Uint8Array
  /** Exact DER of the AlgorithmIdentifier of the signature. */
  readonly signatureAlgorithm: Uint8Array
  readonly signature: Uint8Array
}

/** What the signature of a certificate covers, before there is one. */
export type CertificateContent = Omit<
  Certificate,
  "der" | "publicKey" | "signedBytes" | "signatureAlgorithm" | "signature"
>

/**
 * Reads an X.509 v3 certificate (RFC 5280 §4.1). Verifies nothing: see {@link verifyChain} and its neighbours.
 *
 * @throws {@link CryptoError} `CERTIFICATE` on anything else, bytes after its end, and over 64 KiB.
 */
export function parseCertificate(der: Uint8Array): Certificate {
  return parse(der, readPublicKey)
}

/** Reads a certificate that OpenSSL has read from a handshake already, as {@link parseCertificate} does. */
export function parsePeerCertificate(peer: X509Certificate): Certificate {
  return parse(peer.raw, () => peer.publicKey)
}

/**
 * The key in a certificate. This takes a third of the time that createPublicKey does, and OpenSSL has to agree that the bytes
 * are a certificate.
 */
export function readPublicKey(der: Uint8Array): KeyObject {
  // Node looks for PEM in any bytes first, and would give us the key of a certificate inside an extension.
  const mayHoldPem = Buffer.from(der.buffer, der.byteOffset, der.byteLength).includes("-----BEGIN")
  return new X509Certificate(mayHoldPem ? encodePem("CERTIFICATE", der) : der).publicKey
}

function parse(bytes: Uint8Array, publicKeyOf: (der: Uint8Array) => KeyObject): Certificate {
  try {
    const fields = readFields(new Uint8Array(bytes))
    return { ...fields, publicKey: publicKeyOf(fields.der) }
  } catch (cause) {
    throw new CryptoError("CERTIFICATE", "expected an X.509 v3 certificate in DER", { cause })
  }
}

function readFields(der: Uint8Array): Omit<Certificate, "publicKey"> {
  const [signed, signatureAlgorithm, signature, ...others] = childrenOf(parseDer(der), Tag.sequence)
  if (signed === undefined || signatureAlgorithm === undefined || others.length > 0) {
    throw new CryptoError("DER", "expected content, signature algorithm and signature")
  }
  const { innerAlgorithm, ...content } = readContent(signed)
  const algorithm = encodeDer(signatureAlgorithm)
  if (!equalBytes(innerAlgorithm, algorithm)) {
    throw new CryptoError("DER", "expected the same signature algorithm inside and outside")
  }
  return {
    der,
    ...content,
    signedBytes: encodeDer(signed),
    signatureAlgorithm: algorithm,
    signature: octetsOfBitString(signature),
  }
}

function readContent(signed: DerElement): CertificateContent & { readonly innerAlgorithm: Uint8Array } {
  const [version, serialNumber, algorithm, issuer, validity, subject, key, extensions, ...others] = childrenOf(
    signed,
    Tag.sequence,
  )
  if (!algorithm || !issuer || !subject || !key || others.length > 0) {
    throw new CryptoError("DER", "expected seven or eight fields of a certificate")
  }
  checkVersion(version)
  findCommonName(issuer)
  return {
    serialNumber: contentOf(serialNumber, Tag.integer),
    innerAlgorithm: encodeDer(algorithm),
    issuer: encodeDer(issuer),
    ...readValidity(validity),
    subject: encodeDer(subject),
    subjectCommonName: findCommonName(subject),
    subjectPublicKeyInfo: encodeDer(key),
    extensions: readExtensions(extensions),
  }
}

function checkVersion(element: DerElement | undefined): void {
  const [version, ...others] = childrenOf(element, explicitTag(0))
  if (!equalBytes(contentOf(version, Tag.integer), Uint8Array.of(VERSION_3)) || others.length > 0) {
    throw new CryptoError("DER", "expected version 3")
  }
}

function readValidity(element: DerElement | undefined): Pick<Certificate, "notBefore" | "notAfter"> {
  const [notBefore, notAfter, ...others] = childrenOf(element, Tag.sequence)
  if (others.length > 0) {
    throw new CryptoError("DER", "expected two dates of validity")
  }
  return { notBefore: parseTime(notBefore), notAfter: parseTime(notAfter) }
}

function readExtensions(element: DerElement | undefined): readonly CertificateExtension[] {
  if (element === undefined) {
    return []
  }
  const [extensions, ...others] = childrenOf(element, explicitTag(3))
  if (extensions === undefined || others.length > 0) {
    throw new CryptoError("DER", "expected one list of extensions")
  }
  return parseExtensions(extensions)
}
