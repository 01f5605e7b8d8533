import { type KeyObject } from "node:crypto"
import { type Certificate, type CertificateExtension } from "../../src/index.ts"
import { Tag, constructed, encodeDer, integer, primitive } from "../../src/x509/der.ts"
import { encodeCommonName, subjectOf } from "../../src/x509/distinguished-name.ts"
import { ExtensionOid } from "../../src/x509/extensions.ts"
import { encodePublicKeyInfo, serialNumberOf, signCertificate } from "../../src/x509/issuance.ts"
import { hoursAfter } from "../../src/x509/time.ts"
import { now, options } from "./deployment.ts"
import { keyPair } from "./keys.ts"

const TRUE = primitive(Tag.boolean, Uint8Array.of(0xff))

/** BasicConstraints of an authority; `limit` is the path length. */
export function constraints(limit?: number): CertificateExtension {
  const fields = limit === undefined ? [TRUE] : [TRUE, integer(Uint8Array.of(limit))]
  return { oid: ExtensionOid.basicConstraints, critical: true, value: encodeDer(constructed(Tag.sequence, ...fields)) }
}

/** KeyUsage from the content of its bit string. */
export function usage(...bits: readonly number[]): CertificateExtension {
  return {
    oid: ExtensionOid.keyUsage,
    critical: true,
    value: encodeDer(primitive(Tag.bitString, Uint8Array.from(bits))),
  }
}

/** What {@link issue} may be told to do differently. */
export interface Draft {
  readonly subject?: string
  readonly issuer?: string
  readonly subjectKey?: KeyObject
  readonly signingKey?: KeyObject
  readonly extensions?: readonly CertificateExtension[]
  readonly notBefore?: Date
  readonly notAfter?: Date
}

/** A certificate of `ca` over one P-256 key, signed by itself; not an authority unless told so. */
export function issue(draft: Draft = {}): Certificate {
  const {
    subject = "ca",
    issuer = subject,
    subjectKey = keyPair("p256").publicKey,
    signingKey = keyPair("p256").privateKey,
  } = draft
  const content = {
    serialNumber: serialNumberOf(options().serial),
    issuer: encodeCommonName(issuer),
    ...subjectOf(subject),
    notBefore: draft.notBefore ?? hoursAfter(now, -1),
    notAfter: draft.notAfter ?? hoursAfter(now, 1),
    subjectPublicKeyInfo: encodePublicKeyInfo(subjectKey),
    extensions: draft.extensions ?? [],
  }
  return signCertificate(content, signingKey)
}
