import { createPublicKey, randomBytes, type KeyObject } from "node:crypto"
import {
  certificatePem,
  generateP256Key,
  issueIntermediateCertificate,
  issueLeafCertificate,
  issueMeshCaCertificate,
  issueRootCertificate,
  type Certificate,
  type LeafInputs,
} from "@contrast/crypto"

const SERIAL_BYTES = 16

/** Whom a leaf certificate is for. */
export type LeafSubject = Omit<LeafInputs, "meshCa" | "now" | "serial">

/**
 * The certificate authority of one state: the stable root key, and a mesh CA key that changes with the manifest, so
 * that certificates issued under an earlier manifest are worth nothing under the next.
 */
export interface Authority {
  readonly meshCaKey: KeyObject
  readonly meshCa: Certificate
  readonly rootCaPem: string
  readonly meshCaPem: string
  /** Leads from leaves of the mesh CA to the root. */
  readonly intermediatePem: string
}

/** Creates an authority; all its certificates are new, the root's included, whose key is not. */
export function createAuthority(rootCaKey: KeyObject, now: Date, meshCaKey: KeyObject = generateP256Key()): Authority {
  const serial = (): Uint8Array => randomBytes(SERIAL_BYTES)
  const root = { key: rootCaKey, certificate: issueRootCertificate({ key: rootCaKey, now, serial: serial() }) }
  const meshPublicKey = createPublicKey(meshCaKey)
  const intermediatePem = certificatePem(issueIntermediateCertificate({ root, meshPublicKey, now, serial: serial() }))
  const meshCa = { key: meshCaKey, certificate: issueMeshCaCertificate({ key: meshCaKey, now, serial: serial() }) }
  return {
    meshCaKey,
    meshCa: meshCa.certificate,
    rootCaPem: certificatePem(root.certificate),
    meshCaPem: certificatePem(meshCa.certificate),
    intermediatePem,
  }
}

/** What issues certificates of the mesh. */
export type MeshIssuer = Pick<Authority, "meshCaKey" | "meshCa" | "intermediatePem">

/** Issues a certificate of the mesh: the leaf, then the intermediate that leads to the root, PEM. */
export function issueChain(
  { meshCaKey, meshCa, intermediatePem }: MeshIssuer,
  subject: LeafSubject,
  now: Date,
): string {
  const issuer = { key: meshCaKey, certificate: meshCa }
  const serial = randomBytes(SERIAL_BYTES)
  return certificatePem(issueLeafCertificate({ ...subject, meshCa: issuer, now, serial })) + intermediatePem
}
