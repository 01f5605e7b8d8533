import { type KeyObject } from "node:crypto"
import { type Certificate } from "./certificate.ts"
import { encodeCommonName } from "./distinguished-name.ts"
import { type IssueOptions, encodePublicKeyInfo, signCertificate, signOwnCertificate } from "./issuance.ts"
import { AUTHORITY_EXTENSIONS, authorityKeyIdentifier, subjectKeyIdentifier } from "./standard-extensions.ts"
import { hoursAfter, yearsAfter } from "./time.ts"

const ROOT_NAME = encodeCommonName("system:coordinator:root")
/** The mesh CA and the intermediate share name and key, so that a leaf verifies under either. */
const MESH_NAME = encodeCommonName("system:coordinator:intermediate")
const VALID_YEARS = 10

/** A certificate with the private key of its subject. */
export interface Authority {
  readonly key: KeyObject
  readonly certificate: Certificate
}

/** Issues the self-signed root CA certificate: valid from one hour ago for ten years. */
export function issueRootCertificate({ key, ...options }: IssueOptions & { readonly key: KeyObject }): Certificate {
  return issueSelfSigned(ROOT_NAME, key, options)
}

/** Issues the self-signed mesh CA certificate: valid from one hour ago for ten years. */
export function issueMeshCaCertificate({ key, ...options }: IssueOptions & { readonly key: KeyObject }): Certificate {
  return issueSelfSigned(MESH_NAME, key, options)
}

/** Issues the certificate by which the root vouches for the mesh CA key: valid from one hour ago for ten years. */
export function issueIntermediateCertificate({
  root,
  meshPublicKey,
  now,
  serial,
}: IssueOptions & { readonly root: Authority; readonly meshPublicKey: KeyObject }): Certificate {
  const { subject: issuer, subjectPublicKeyInfo: issuerKey } = root.certificate
  const subjectPublicKeyInfo = encodePublicKeyInfo(meshPublicKey)
  const identifiers = [subjectKeyIdentifier(subjectPublicKeyInfo), authorityKeyIdentifier(issuerKey)]
  const extensions = [...AUTHORITY_EXTENSIONS, ...identifiers]
  const content = { issuer, subject: MESH_NAME, subjectPublicKeyInfo, extensions, ...validity(now), serial }
  return signCertificate(content, root.key)
}

function issueSelfSigned(name: Uint8Array, key: KeyObject, { now, serial }: IssueOptions): Certificate {
  const extensions = [...AUTHORITY_EXTENSIONS, subjectKeyIdentifier(encodePublicKeyInfo(key))]
  return signOwnCertificate({ name, extensions, ...validity(now), serial }, key)
}

function validity(now: Date): Pick<Certificate, "notBefore" | "notAfter"> {
  return { notBefore: hoursAfter(now, -1), notAfter: yearsAfter(now, VALID_YEARS) }
}
