import { constructed, encodeDer, encodeUtf8, objectIdentifier, primitive, Tag } from "@contrast/crypto"

/** Attributes that every name of AMD's begins with, in its order. */
const ATTRIBUTES: readonly (readonly [oid: string, tag: number, text: string])[] = [
  ["2.5.4.11", Tag.utf8String, "Engineering"],
  ["2.5.4.6", Tag.printableString, "US"],
  ["2.5.4.7", Tag.utf8String, "Santa Clara"],
  ["2.5.4.8", Tag.utf8String, "CA"],
  ["2.5.4.10", Tag.utf8String, "Advanced Micro Devices"],
]

/** DER of a Name as AMD writes it: OU, C, L, ST, O, CN. */
export function amdName(commonName: string): Uint8Array {
  const attributes = [...ATTRIBUTES, ["2.5.4.3", Tag.utf8String, commonName] as const]
  const sets = attributes.map(([oid, tag, text]) =>
    constructed(Tag.set, constructed(Tag.sequence, objectIdentifier(oid), primitive(tag, encodeUtf8(text)))),
  )
  return encodeDer(constructed(Tag.sequence, ...sets))
}
