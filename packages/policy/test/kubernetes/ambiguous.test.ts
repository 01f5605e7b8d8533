import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { Document, Scalar, isScalar, parse, parseDocument } from "yaml"
import { ambiguousReading, findAmbiguousScalars, quoteAmbiguousEdits } from "../../src/kubernetes/ambiguous.ts"
import { parseKubernetesFile } from "../../src/index.ts"
import { FUZZ_RUNS } from "../fuzz.ts"

describe("ambiguousReading", () => {
  test.each([
    ...["yes", "Yes", "no", "on", "OFF", "y", "N", "0644", "-07", "089", "0o17", "0b1", "-0x1f", "0x_f", "1_000"],
    ...["1_0.5", "12:30", "1:2:3.4", "2026-01-01", "2026-1-1T00:00:00Z", "2026-01-01 00:00:00", "=", "<<"],
  ])("knows that %s is read in two ways", (text) => {
    expect(ambiguousReading(text)).toBeDefined()
  })

  test.each([
    ...["true", "False", "null", "~", "", "0", "-1", "+1", "1.5", "1e3", ".5", "0x1f", ".inf", "-.INF", ".nan", "yess"],
    ...["10.0.0.1", "1.2.3", "a:b", "web:80", "1Gi", "v1", "0644a", "a_b", "2026", "2026-01-01x", "==", "-"],
  ])("knows that %s is read in one way", (text) => {
    expect(ambiguousReading(text)).toBeUndefined()
  })

  test("knows all plain scalars that the library reads in two ways", () => {
    const plain = fc.string({
      unit: fc.constantFrom(..."0017._:-+xobeEyYnNs".split(""), "no", "f", "=", "<"),
      maxLength: 8,
    })
    fc.assert(
      fc.property(plain, (text) => {
        fc.pre(isPlainScalar(text) && ambiguousReading(text.trim()) === undefined && !isQuirk(text))

        expect(parse(text, { version: "1.1" })).toEqual(parse(text, { version: "1.2" }))
      }),
      { numRuns: FUZZ_RUNS * 5 },
    )
  })
})

describe("findAmbiguousScalars", () => {
  test("finds plain keys and values, not quoted or block ones", () => {
    const text = "yes: 'no'\na: [on, \"off\"]\nb: |\n  yes\n"
    const [document] = parseKubernetesFile("a.yaml", text).documents

    expect(findAmbiguousScalars(document?.tree ?? new Document()).map(({ offset }) => offset)).toEqual([0, 14])
  })
})

describe("quoteAmbiguousEdits", () => {
  test("quotes what was set, and leaves what was read", () => {
    const [document] = parseKubernetesFile("a.yaml", "a: yes\nb: no\nc: x\n").documents
    const tree = document?.tree ?? new Document()
    tree.set("c", "on")
    tree.set("d", ["12:30", "plain", "true"])

    quoteAmbiguousEdits(tree)

    expect(tree.toString()).toBe('a: yes\nb: no\nc: "on"\nd:\n  - "12:30"\n  - plain\n  - "true"\n')
  })
})

function isPlainScalar(text: string): boolean {
  const { contents, errors } = parseDocument(text)
  return errors.length === 0 && isScalar(contents) && contents.type === Scalar.PLAIN
}

/** The library reads an exponent without digits before it (`E0`) as a number; YAML 1.1 does not. */
function isQuirk(text: string): boolean {
  return Number.isNaN(parse(text, { version: "1.1" }))
}
