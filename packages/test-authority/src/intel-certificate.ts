import { createPublicKey, sign, type KeyObject } from "node:crypto"
import {
  bitString,
  constructed,
  decodeHex,
  encodeDer,
  encodeUtf8,
  explicitTag,
  integer,
  objectIdentifier,
  parseDer,
  primitive,
  Tag,
  type CertificateExtension,
} from "@contrast/crypto"
import { utcTime } from "./amd-certificate.ts"
import { encodeExtension } from "./certificate-extension.ts"

/** What a certificate of the played Intel says. */
export interface IntelCertificateInputs {
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
}

/** ECDSA with SHA-256 (RFC 5758 §3.2). */
export const INTEL_ALGORITHM: Uint8Array = decodeHex("300a06082a8648ce3d040302")

/** Attributes that every name of Intel's ends with, in its order. */
const ATTRIBUTES: readonly (readonly [oid: string, tag: number, text: string])[] = [
  ["2.5.4.10", Tag.utf8String, "Intel Corporation"],
  ["2.5.4.7", Tag.utf8String, "Santa Clara"],
  ["2.5.4.8", Tag.utf8String, "CA"],
  ["2.5.4.6", Tag.printableString, "US"],
]

/** DER of a Name as Intel writes it: CN, O, L, ST, C. */
export function intelName(commonName: string): Uint8Array {
  const attributes = [["2.5.4.3", Tag.utf8String, commonName] as const, ...ATTRIBUTES]
  const sets = attributes.map(([oid, tag, text]) =>
    constructed(Tag.set, constructed(Tag.sequence, objectIdentifier(oid), primitive(tag, encodeUtf8(text)))),
  )
  return encodeDer(constructed(Tag.sequence, ...sets))
}

/** Issues a certificate in the form of Intel's. @returns DER. */
export function issueIntelCertificate(inputs: IntelCertificateInputs): Uint8Array {
  const content = constructed(
    Tag.sequence,
    constructed(explicitTag(0), integer(Uint8Array.of(2))),
    integer(inputs.serialNumber),
    parseDer(INTEL_ALGORITHM),
    parseDer(inputs.issuer),
    constructed(Tag.sequence, utcTime(inputs.notBefore), utcTime(inputs.notAfter)),
    parseDer(inputs.subject),
    parseDer(createPublicKey(inputs.subjectKey).export({ type: "spki", format: "der" })),
    constructed(explicitTag(3), constructed(Tag.sequence, ...inputs.extensions.map(encodeExtension))),
  )
  return signIntelContent(encodeDer(content), inputs.issuerKey)
}

/** The content of a certificate or CRL with its signature. @returns DER. */
export function signIntelContent(content: Uint8Array, key: KeyObject): Uint8Array {
  const signature = bitString(sign("sha256", content, key))
  return encodeDer(constructed(Tag.sequence, parseDer(content), parseDer(INTEL_ALGORITHM), signature))
}
