import { decodeUtf8, encodeUtf8 } from "../bytes.ts"
import { type DerElement, Tag, constructed, encodeDer, objectIdentifier, primitive } from "./der.ts"
import { childrenOf, contentOf, hasTag, objectIdentifierOf } from "./der-reading.ts"

/** RFC 5280 appendix A.1, id-at-commonName. */
const COMMON_NAME = "2.5.4.3"
const TEXT_TAGS = [Tag.utf8String, Tag.printableString, Tag.ia5String]

/** DER of the Name without any attribute. */
const EMPTY_NAME = encodeDer(constructed(Tag.sequence))

/** The subject of a certificate in both forms that {@link Certificate} has. */
export interface Subject {
  readonly subject: Uint8Array
  readonly subjectCommonName: string | undefined
}

/** The subject that is one CommonName, or empty. */
export function subjectOf(subjectCommonName: string | undefined): Subject {
  const subject = subjectCommonName === undefined ? EMPTY_NAME : encodeCommonName(subjectCommonName)
  return { subject, subjectCommonName }
}

/** DER of a Name that is one CommonName: a PrintableString where the alphabet allows it, else a UTF8String. */
export function encodeCommonName(commonName: string): Uint8Array {
  const tag = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(commonName) ? Tag.printableString : Tag.utf8String
  const attribute = constructed(Tag.sequence, objectIdentifier(COMMON_NAME), primitive(tag, encodeUtf8(commonName)))
  return encodeDer(constructed(Tag.sequence, constructed(Tag.set, attribute)))
}

/**
 * The first CommonName of a Name; `undefined` when there is none, or none in a text type of today.
 *
 * @throws CryptoError `DER` when it is no Name, `UTF8` when the text is broken.
 */
export function findCommonName(name: DerElement | undefined): string | undefined {
  const attributes = childrenOf(name, Tag.sequence)
    .flatMap((relativeName) => childrenOf(relativeName, Tag.set))
    .map((attribute) => childrenOf(attribute, Tag.sequence))
  const value = attributes.find(([type]) => objectIdentifierOf(type) === COMMON_NAME)?.[1]
  const tag = value && TEXT_TAGS.find((known) => hasTag(value, known))
  return tag && decodeUtf8(contentOf(value, tag))
}
