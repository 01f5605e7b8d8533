import { describe, expect, test } from "@jest/globals"
import { decodeHex, encodeHex, encodeUtf8 } from "../../src/index.ts"
import { type DerElement, Tag, constructed, objectIdentifier, primitive } from "../../src/x509/der.ts"
import { parseDer } from "../../src/x509/der-reading.ts"
import { encodeCommonName, findCommonName, subjectOf } from "../../src/x509/distinguished-name.ts"
import { codeOf } from "../support/code-of.ts"
import { describeOutside, readOutsideJson } from "../support/vectors.ts"

function attribute(oid: string, tag: number, text: string): DerElement {
  return constructed(Tag.sequence, objectIdentifier(oid), primitive(tag, encodeUtf8(text)))
}

function nameOf(...attributes: readonly DerElement[]): DerElement {
  return constructed(Tag.sequence, ...attributes.map((one) => constructed(Tag.set, one)))
}

describe("encodeCommonName", () => {
  test.each([
    ["Contrast", "30133111300f06035504031308436f6e7472617374"],
    ["a'()+,-./:=? Z9", "301a311830160603550403130f612728292b2c2d2e2f3a3d3f205a39"],
    ["*", "300c310a300806035504030c012a"],
    ["é", "300d310b300906035504030c02c3a9"],
  ])("writes %s in the narrowest type that holds it", (text, hex) => {
    expect(encodeHex(encodeCommonName(text))).toBe(hex)
    expect(findCommonName(parseDer(encodeCommonName(text)))).toBe(text)
  })
})

describe("findCommonName", () => {
  test.each([Tag.utf8String, Tag.printableString, Tag.ia5String])("reads text of type %d", (tag) => {
    expect(findCommonName(nameOf(attribute("2.5.4.3", tag, "web")))).toBe("web")
  })

  test("takes the first of several, wherever it stands", () => {
    const name = nameOf(
      attribute("2.5.4.10", Tag.utf8String, "organisation"),
      attribute("2.5.4.3", Tag.utf8String, "first"),
      attribute("2.5.4.3", Tag.utf8String, "second"),
    )

    expect(findCommonName(name)).toBe("first")
  })

  test("finds none where there is none, or none in a text type of today", () => {
    expect(findCommonName(parseDer(subjectOf(undefined).subject))).toBe(undefined)
    expect(findCommonName(nameOf(attribute("2.5.4.10", Tag.utf8String, "x")))).toBe(undefined)
    expect(findCommonName(nameOf(attribute("2.5.4.3", 0x14, "teletex")))).toBe(undefined)
    expect(findCommonName(nameOf(constructed(Tag.sequence, objectIdentifier("2.5.4.3"))))).toBe(undefined)
  })

  test("refuses what is no name", () => {
    expect(codeOf(() => findCommonName(undefined))).toBe("DER")
    expect(codeOf(() => findCommonName(parseDer(decodeHex("3003020100"))))).toBe("DER")
  })
})

describeOutside("names that the established implementation wrote", () => {
  test("come out the same from us", () => {
    const { names } = readOutsideJson("peer/san.json") as {
      readonly names: readonly { readonly name: string; readonly aloneSubjectDerHex?: string }[]
    }
    const written = names.filter(({ name, aloneSubjectDerHex }) => name !== "" && aloneSubjectDerHex !== undefined)

    expect(written.length).toBeGreaterThan(10)
    for (const { name, aloneSubjectDerHex } of written) {
      // It abbreviates the longest one in its file.
      expect(encodeHex(encodeCommonName(name)).startsWith(aloneSubjectDerHex ?? "")).toBe(true)
    }
  })
})
