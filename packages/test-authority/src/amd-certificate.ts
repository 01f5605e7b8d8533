import { createPublicKey, type KeyObject } from "node:crypto"
import {
  constructed,
  encodeDer,
  encodeUtf8,
  explicitTag,
  integer,
  parseDer,
  primitive,
  Tag,
  type CertificateExtension,
  type DerElement,
} from "@contrast/crypto"
import { encodeExtension } from "./certificate-extension.ts"
import { AMD_SIGNING, signContent, type AmdSigning } from "./amd-signature.ts"

/** What a certificate of the played AMD says. */
export interface AmdCertificateInputs {
  /** Names in DER. */
  readonly subject: Uint8Array
  readonly issuer: Uint8Array
  /** The subject's key; of a private key its public half is taken. */
  readonly subjectKey: KeyObject
  readonly issuerKey: KeyObject
  readonly serialNumber: Uint8Array
  readonly notBefore: Date
  readonly notAfter: Date
  readonly extensions: readonly CertificateExtension[]
  readonly signing?: AmdSigning
}

const VERSION_3 = Uint8Array.of(2)

/** Issues a certificate in the form of AMD's. @returns DER. */
export function issueAmdCertificate(inputs: AmdCertificateInputs): Uint8Array {
  const { signing = AMD_SIGNING } = inputs
  const content = constructed(
    Tag.sequence,
    constructed(explicitTag(0), integer(VERSION_3)),
    integer(inputs.serialNumber),
    parseDer(signing.algorithm),
    parseDer(inputs.issuer),
    constructed(Tag.sequence, utcTime(inputs.notBefore), utcTime(inputs.notAfter)),
    parseDer(inputs.subject),
    parseDer(createPublicKey(inputs.subjectKey).export({ type: "spki", format: "der" })),
    constructed(explicitTag(3), constructed(Tag.sequence, ...inputs.extensions.map(encodeExtension))),
  )
  return signContent(encodeDer(content), inputs.issuerKey, signing)
}

/** A UTCTime, to the second. */
export function utcTime(date: Date): DerElement {
  const digits = date.toISOString().replace(/\.\d+/, "").replace(/[-:T]/g, "").slice(2)
  return primitive(Tag.utcTime, encodeUtf8(digits))
}
