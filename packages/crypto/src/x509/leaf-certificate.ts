import { type KeyObject, generateKeyPairSync } from "node:crypto"
import { decodeUtf8, encodeUtf8 } from "../bytes.ts"
import { CryptoError } from "../error.ts"
import { type Authority } from "./authority-certificates.ts"
import { type Certificate } from "./certificate.ts"
import { Tag, encodeDer, primitive } from "./der.ts"
import { contentOf, parseDer } from "./der-reading.ts"
import { subjectOf } from "./distinguished-name.ts"
import { type CertificateExtension, findExtension } from "./extensions.ts"
import { type IssueOptions, encodePublicKeyInfo, serialNumberOf, signCertificate } from "./issuance.ts"
import { LEAF_EXTENSIONS, authorityKeyIdentifier } from "./standard-extensions.ts"
import { type SubjectAltNames, encodeSubjectAltNames } from "./subject-alt-names.ts"
import { hoursAfter, yearsAfter } from "./time.ts"

const WORKLOAD_SECRET_ID = "1.3.9901.3.1"
const VALID_YEARS = 1

/** Inputs of {@link issueLeafCertificate}. */
export interface LeafInputs extends IssueOptions {
  readonly meshCa: Authority
  /** The workload's key, or its SubjectPublicKeyInfo in DER. */
  readonly publicKey: KeyObject | Uint8Array
  /** At least one; the first DNS name becomes the CommonName. */
  readonly names: SubjectAltNames
  readonly workloadSecretId?: string
  /** Claims about the workload. */
  readonly extensions?: readonly CertificateExtension[]
}

/** Makes a key for a mesh CA, a workload or a TLS session: P-256, private. */
export function generateP256Key(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey
}

/**
 * Issues a workload's certificate: client and server authentication, valid from one hour ago for a year.
 *
 * Without a DNS name the subject is empty, and the names are critical instead (RFC 5280 §4.1.2.6).
 *
 * @throws {@link CryptoError} `SUBJECT_ALT_NAME` when there is no name, `DER` when the bytes of the key are no structure of one.
 */
export function issueLeafCertificate(inputs: LeafInputs): Certificate {
  const { meshCa, publicKey, names, now, serial } = inputs
  const [commonName] = names.dns
  const content = {
    serialNumber: serialNumberOf(serial),
    issuer: meshCa.certificate.subject,
    ...subjectOf(commonName),
    notBefore: hoursAfter(now, -1),
    notAfter: yearsAfter(now, VALID_YEARS),
    subjectPublicKeyInfo: publicKey instanceof Uint8Array ? publicKey : encodePublicKeyInfo(publicKey),
    extensions: [
      ...LEAF_EXTENSIONS,
      authorityKeyIdentifier(meshCa.certificate.subjectPublicKeyInfo),
      encodeSubjectAltNames(names, { critical: commonName === undefined }),
      ...(inputs.extensions ?? []),
      ...(inputs.workloadSecretId === undefined ? [] : [encodeWorkloadSecretId(inputs.workloadSecretId)]),
    ],
  }
  return signCertificate(content, meshCa.key)
}

/**
 * The workload secret id that a leaf certificate carries; `undefined` when it carries none.
 *
 * @throws {@link CryptoError} `CERTIFICATE` when the extension is malformed.
 */
export function readWorkloadSecretId(certificate: Certificate): string | undefined {
  const extension = findExtension(certificate.extensions, WORKLOAD_SECRET_ID)
  if (extension === undefined) {
    return undefined
  }
  try {
    return decodeUtf8(contentOf(parseDer(extension.value), Tag.octetString))
  } catch (cause) {
    throw new CryptoError("CERTIFICATE", "expected text in the workload secret id of the certificate", { cause })
  }
}

function encodeWorkloadSecretId(id: string): CertificateExtension {
  return { oid: WORKLOAD_SECRET_ID, critical: false, value: encodeDer(primitive(Tag.octetString, encodeUtf8(id))) }
}
