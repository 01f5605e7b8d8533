import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { decodeHex, encodeHex } from "../../src/index.ts"
import {
  type DerElement,
  Tag,
  bitString,
  constructed,
  contextTag,
  encodeDer,
  explicitTag,
  integer,
  objectIdentifier,
  primitive,
} from "../../src/x509/der.ts"
import {
  childrenOf,
  contentOf,
  hasTag,
  objectIdentifierOf,
  octetsOfBitString,
  parseDer,
} from "../../src/x509/der-reading.ts"
import { codeOf } from "../support/code-of.ts"
import { FUZZ_RUNS } from "../support/fuzz.ts"

function nested(depth: number): DerElement {
  return depth === 1 ? primitive(Tag.null) : constructed(Tag.sequence, nested(depth - 1))
}

describe("parseDer", () => {
  test.each([
    ["empty", ""],
    ["one byte", "30"],
    ["shorter than it says", "3003020101".slice(0, -2)],
    ["followed by another byte", "050000"],
    ["followed by another element", "05000500"],
    ["of indefinite length", "308005000000"],
    ["in the long form of a short length", "30810205 00".replace(" ", "")],
    ["in a length with a leading zero", "0482000100"],
    ["in a length of 127 bytes", "30ff00"],
    ["an integer with a leading zero", "02020001"],
    ["a negative integer with leading ones", "0202ff80"],
    ["a parent that is too short for its child", "300204020102"],
    ["a BMP string of odd length", "1e0100"],
  ])("refuses DER that is %s", (_name, hex) => {
    expect(codeOf(() => parseDer(decodeHex(hex)))).toBe("DER")
  })

  test("takes 64 KiB and not a byte more", () => {
    const largest = encodeDer(primitive(Tag.octetString, new Uint8Array(64 * 1024 - 4)))
    const larger = encodeDer(primitive(Tag.octetString, new Uint8Array(64 * 1024 - 3)))

    expect(largest).toHaveLength(64 * 1024)
    expect(codeOf(() => parseDer(largest))).toBe(undefined)
    expect(codeOf(() => parseDer(larger))).toBe("DER")
  })

  test("takes 16 levels and not one more", () => {
    expect(codeOf(() => parseDer(encodeDer(nested(16))))).toBe(undefined)
    expect(codeOf(() => parseDer(encodeDer(nested(17))))).toBe("DER")
  })

  test("stays within its bounds on thousands of levels", () => {
    const bytes = Uint8Array.from({ length: 60_000 }, (_, index) => (index % 2 === 0 ? 0x30 : 0x80))

    expect(codeOf(() => parseDer(bytes))).toBe("DER")
  })

  test("refuses any bytes with a code, or gives them back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(
          codeOf(() => parseDer(bytes)) === "DER" || encodeHex(encodeDer(parseDer(bytes))) === encodeHex(bytes),
        ).toBe(true)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  test("gives back every structure that we build", () => {
    const { element } = fc.letrec<{ element: DerElement }>((tie) => ({
      element: fc.oneof(
        { maxDepth: 8 },
        fc
          .tuple(fc.constantFrom(Tag.octetString, Tag.utf8String, contextTag(6)), fc.uint8Array({ maxLength: 200 }))
          .map((pair) => primitive(...pair)),
        fc
          .tuple(fc.constantFrom(Tag.sequence, Tag.set, explicitTag(3)), fc.array(tie("element"), { maxLength: 4 }))
          .map(([tag, children]) => constructed(tag, ...children)),
      ),
    }))

    fc.assert(
      fc.property(element, (built) => {
        const bytes = encodeDer(built)

        expect(encodeDer(parseDer(bytes))).toEqual(bytes)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})

describe("reading elements", () => {
  const sequence = parseDer(decodeHex("300702010504020102"))

  test("gives children and contents under their tags", () => {
    const [number, octets] = childrenOf(sequence, Tag.sequence)

    expect(contentOf(number, Tag.integer)).toEqual(Uint8Array.of(5))
    expect(contentOf(octets, Tag.octetString)).toEqual(Uint8Array.of(1, 2))
    expect(hasTag(sequence, Tag.sequence)).toBe(true)
    expect(hasTag(sequence, Tag.set)).toBe(false)
  })

  test.each([
    ["another tag", "0401ff", Tag.integer],
    ["the same number in another class", "8201ff", Tag.integer],
    ["the same number, constructed", "2203020100", Tag.integer],
  ])("refuses contents with %s", (_name, hex, tag) => {
    expect(codeOf(() => contentOf(parseDer(decodeHex(hex)), tag))).toBe("DER")
  })

  test("refuses what is not there, not constructed, or not primitive", () => {
    expect(codeOf(() => contentOf(undefined, Tag.integer))).toBe("DER")
    expect(codeOf(() => childrenOf(undefined, Tag.sequence))).toBe("DER")
    expect(codeOf(() => childrenOf(parseDer(decodeHex("1000")), Tag.sequence))).toBe("DER")
    expect(codeOf(() => childrenOf(parseDer(decodeHex("0400")), Tag.octetString))).toBe("DER")
    expect(codeOf(() => contentOf(sequence, Tag.sequence))).toBe("DER")
  })
})

describe("integer", () => {
  test.each([
    ["", "020100"],
    ["00", "020100"],
    ["000001", "020101"],
    ["7f", "02017f"],
    ["80", "02020080"],
    ["0000ff00", "020300ff00"],
  ])("writes the magnitude %j as %s", (magnitude, der) => {
    expect(encodeHex(encodeDer(integer(decodeHex(magnitude))))).toBe(der)
  })
})

describe("bit strings", () => {
  test("of whole bytes round-trip", () => {
    expect(octetsOfBitString(bitString(Uint8Array.of(1, 2)))).toEqual(Uint8Array.of(1, 2))
  })

  test.each([
    ["unused bits", "030201fe"],
    ["nothing, not even the number of unused bits", "0300"],
    ["another tag", "040100"],
  ])("with %s are refused", (_name, hex) => {
    expect(codeOf(() => octetsOfBitString(parseDer(decodeHex(hex))))).toBe("DER")
  })
})

describe("object identifiers", () => {
  test.each([
    ["1.3.9901.2.99", "06052bcd2d0263"],
    ["2.5.29.17", "0603551d11"],
    ["1.2.840.113549.1.1.11", "06092a864886f70d01010b"],
    ["1.3.4294967295", "06062b8fffffff7f"],
  ])("%s is %s", (oid, hex) => {
    expect(encodeHex(encodeDer(objectIdentifier(oid)))).toBe(hex)
    expect(objectIdentifierOf(parseDer(decodeHex(hex)))).toBe(oid)
  })

  test.each([
    ["empty", "0600"],
    ["padded", "06032b8001"],
    ["cut", "06022bcd"],
    ["ours but for an arc that overflows 32 bits", "06082bd0808080cd2d02"],
    ["too large an arc", "060a2b81808080808080804d"],
    ["no object identifier", "0403551d11"],
  ])("that are %s are refused", (_name, hex) => {
    expect(codeOf(() => objectIdentifierOf(parseDer(decodeHex(hex))))).toBe("DER")
  })

  test("are read exactly or not at all", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 10 }), (content) => {
        const element = primitive(Tag.objectIdentifier, content)

        expect(
          codeOf(() => objectIdentifierOf(element)) === "DER" ||
            encodeHex(encodeDer(objectIdentifier(objectIdentifierOf(element)))) === encodeHex(encodeDer(element)),
        ).toBe(true)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})
