import { describe, expect, test } from "@jest/globals"
import { type CertificateExtension } from "../../src/index.ts"
import { checkAuthority } from "../../src/x509/authority.ts"
import { Tag, constructed, encodeDer, integer, primitive } from "../../src/x509/der.ts"
import { codeOf, messageOf } from "../support/code-of.ts"
import { constraints, issue, usage } from "../support/draft.ts"

const TRUE = primitive(Tag.boolean, Uint8Array.of(0xff))

/** The code of the refusal of an authority with these extensions, if any. */
function judge(extensions: readonly CertificateExtension[], depth = 0): unknown {
  return codeOf(() => {
    checkAuthority(issue({ extensions }), depth)
  })
}

describe("checkAuthority", () => {
  test.each<[string, readonly CertificateExtension[]]>([
    ["no constraints", []],
    ["constraints that say nothing", [{ ...constraints(), value: encodeDer(constructed(Tag.sequence)) }]],
    [
      "only a path length",
      [{ ...constraints(), value: encodeDer(constructed(Tag.sequence, integer(Uint8Array.of(1)))) }],
    ],
    ["constraints that are no DER", [{ ...constraints(), value: Uint8Array.of(0x30) }]],
    ["constraints of another type", [{ ...constraints(), value: encodeDer(constructed(Tag.set, TRUE)) }]],
    [
      "a flag that says no",
      [{ ...constraints(), value: encodeDer(constructed(Tag.sequence, primitive(Tag.boolean, Uint8Array.of(0)))) }],
    ],
    [
      "a negative path length",
      [constraints(0xff)].map((one) => ({
        ...one,
        value: encodeDer(constructed(Tag.sequence, TRUE, primitive(Tag.integer, Uint8Array.of(0xff)))),
      })),
    ],
    [
      "an empty path length",
      [{ ...constraints(), value: encodeDer(constructed(Tag.sequence, TRUE, primitive(Tag.integer))) }],
    ],
    [
      "a path length of two bytes",
      [{ ...constraints(), value: encodeDer(constructed(Tag.sequence, TRUE, integer(Uint8Array.of(1, 0)))) }],
    ],
    [
      "a third constraint",
      [{ ...constraints(), value: encodeDer(constructed(Tag.sequence, TRUE, integer(Uint8Array.of(1)), TRUE)) }],
    ],
    ["key usage for handshakes only", [constraints(), usage(7, 0x80)]],
    ["key usage without bits", [constraints(), usage(0)]],
    ["key usage that is no bit string", [constraints(), { ...usage(), value: Uint8Array.of(4, 0) }]],
  ])("refuses a certificate with %s", (_name, extensions) => {
    expect(judge(extensions)).toBe("CERTIFICATE_AUTHORITY")
  })

  test("takes an authority without key usage, or with more of it", () => {
    for (const extensions of [[constraints()], [constraints(), usage(0, 0xff)], [constraints(127)]]) {
      expect(judge(extensions)).toBe(undefined)
    }
  })

  test("counts the authorities below against the path length", () => {
    expect([0, 1, 2].map((depth) => judge([constraints(1)], depth))).toEqual([
      undefined,
      undefined,
      "CERTIFICATE_AUTHORITY",
    ])
    expect(judge([constraints()], 100)).toBe(undefined)
    expect(
      messageOf(() => {
        checkAuthority(issue({ extensions: [constraints(1)] }), 2)
      }),
    ).toBe("the issuer allows 1 authorities below it, got 2")
  })
})
