import { type KeyObject } from "node:crypto"
import { type Certificate } from "./certificate.ts"
import { type Subject, subjectOf } from "./distinguished-name.ts"
import {
  type IssueOptions,
  encodePublicKeyInfo,
  serialNumberOf,
  signCertificate,
  signOwnCertificate,
} from "./issuance.ts"
import { AUTHORITY_EXTENSIONS, authorityKeyIdentifier, subjectKeyIdentifier } from "./standard-extensions.ts"
import { hoursAfter, yearsAfter } from "./time.ts"

const ROOT = subjectOf("system:coordinator:root")
/** The mesh CA and the intermediate share name and key, so that a leaf verifies under either. */
const MESH = subjectOf("system:coordinator:intermediate")
const VALID_YEARS = 10

/** A certificate with the private key of its subject. */
export interface Authority {
  readonly key: KeyObject
  readonly certificate: Certificate
}

/** Issues the self-signed root CA certificate: valid from one hour ago for ten years. */
export function issueRootCertificate({ key, ...options }: IssueOptions & { readonly key: KeyObject }): Certificate {
  return issueSelfSigned(ROOT, key, options)
}

/** Issues the self-signed mesh CA certificate: valid from one hour ago for ten years. */
export function issueMeshCaCertificate({ key, ...options }: IssueOptions & { readonly key: KeyObject }): Certificate {
  return issueSelfSigned(MESH, key, options)
}

/** Issues the certificate by which the root vouches for the mesh CA key: valid from one hour ago for ten years. */
export function issueIntermediateCertificate({
  root,
  meshPublicKey,
  ...options
}: IssueOptions & { readonly root: Authority; readonly meshPublicKey: KeyObject }): Certificate {
  const { subject: issuer, subjectPublicKeyInfo: issuerKey } = root.certificate
  const subjectPublicKeyInfo = encodePublicKeyInfo(meshPublicKey)
  const identifiers = [subjectKeyIdentifier(subjectPublicKeyInfo), authorityKeyIdentifier(issuerKey)]
  const extensions = [...AUTHORITY_EXTENSIONS, ...identifiers]
  return signCertificate({ ...MESH, issuer, subjectPublicKeyInfo, extensions, ...termOf(options) }, root.key)
}

function issueSelfSigned(subject: Subject, key: KeyObject, options: IssueOptions): Certificate {
  const extensions = [...AUTHORITY_EXTENSIONS, subjectKeyIdentifier(encodePublicKeyInfo(key))]
  return signOwnCertificate({ ...subject, extensions, ...termOf(options) }, key)
}

function termOf({ now, serial }: IssueOptions): Pick<Certificate, "notBefore" | "notAfter" | "serialNumber"> {
  return {
    notBefore: hoursAfter(now, -1),
    notAfter: yearsAfter(now, VALID_YEARS),
    serialNumber: serialNumberOf(serial),
  }
}
