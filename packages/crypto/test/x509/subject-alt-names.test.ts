import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { encodeHex, parseSubjectAltNames } from "../../src/index.ts"
import { encodeSubjectAltNames } from "../../src/x509/subject-alt-names.ts"
import { codeOf, messageOf } from "../support/code-of.ts"
import { FUZZ_RUNS } from "../support/fuzz.ts"
import { describeOutside, readOutsideJson } from "../support/vectors.ts"

interface PeerName {
  readonly name: string
  readonly dns?: readonly string[] | null
  readonly ips?: readonly string[] | null
  readonly uris?: readonly string[] | null
}

const label63 = "a".repeat(63)
const dns253 = [label63, label63, label63, "b".repeat(61)].join(".")

describe("parseSubjectAltNames", () => {
  test("sorts names by kind and keeps their order", () => {
    const names = ["web", "spiffe://td/ns/x", "10.0.0.1", "*", "::ffff:10.0.0.2", "urn:x:y", "web"]

    expect(parseSubjectAltNames(names)).toEqual({
      dns: ["web", "*", "web"],
      ips: ["10.0.0.1", "10.0.0.2"],
      uris: ["spiffe://td/ns/x", "urn:x:y"],
    })
  })

  test("takes no names for none", () => {
    expect(parseSubjectAltNames([])).toEqual({ dns: [], ips: [], uris: [] })
  })

  test.each([
    "web",
    "WEB",
    "a",
    "0",
    "12345",
    "1.2.3",
    "v1.2.3.4",
    "1.2.3.4.example",
    "1.2.3.4a",
    "web-0.db_1.svc",
    "_srv.web",
    "*",
    "*.example.com",
    label63,
    dns253,
  ])("takes %s for a DNS name", (name) => {
    expect(parseSubjectAltNames([name]).dns).toEqual([name])
  })

  test.each([
    "spiffe://td/ns/x",
    "https://example.com:80/a?b#c",
    "mailto:a@b",
    "urn:x:y",
    "a+b-c.1:x",
    "x:%20",
    `x:${"a".repeat(2046)}`,
  ])("takes %s for a URI", (name) => {
    expect(parseSubjectAltNames([name]).uris).toEqual([name])
  })

  test.each([
    ["empty", ""],
    ["a space", "a b"],
    ["a dot at the end", "web."],
    ["a dot at the start", ".web"],
    ["an empty label", "a..b"],
    ["a hyphen at the start", "-web"],
    ["a hyphen at the end", "web-"],
    ["a label of 64 characters", `${label63}a`],
    ["254 characters", [label63, label63, label63, "b".repeat(62)].join(".")],
    ["a wildcard inside", "a.*.b"],
    ["a wildcard in part of a label", "w*b.example.com"],
    ["two wildcards", "*.*.com"],
    ["a wildcard before nothing", "*."],
    ["an address with leading zeros", "010.0.0.1"],
    ["an address out of range", "10.0.0.256"],
    ["an address in brackets", "[fd00::1]"],
    ["an address with a zone", "fe80::1%eth0"],
    ["a network", "10.0.0.0/8"],
    ["markup", "<html>&co"],
    ["a user", "user@host"],
    ["a path", "//host/path"],
    ["a letter beyond ASCII", "exämple.com"],
    ["another script", "日本"],
    ["a URI with a letter beyond ASCII", "https://exämple.com"],
    ["a URI with a broken host", "http://[::1"],
    ["a URI with a broken escape", "x:%zz"],
    ["a scheme without anything", "x:"],
    ["a scheme that starts with a digit", "1x:y"],
    ["a URI over 2048 characters", `x:${"a".repeat(2047)}`],
    ["a newline before", "\nweb"],
    ["a newline behind", "web\n"],
    ["a newline behind a URI", "urn:x:y\n"],
    ["a newline before a URI", "\nurn:x:y"],
  ])("refuses %s", (_name, name) => {
    expect(codeOf(() => parseSubjectAltNames(["web", name]))).toBe("SUBJECT_ALT_NAME")
    expect(messageOf(() => parseSubjectAltNames([name]))).toMatch(/^expected a DNS name, an IP address or a URI, got "/)
  })

  test.each(["web:80", "localhost:8080", "10.0.0.1:80", "1:2", "[::1]:443"])("says that %s has a port", (name) => {
    expect(codeOf(() => parseSubjectAltNames([name]))).toBe("SUBJECT_ALT_NAME")
    expect(messageOf(() => parseSubjectAltNames([name]))).toBe(
      `a name in a certificate has no port: ${JSON.stringify(name)}`,
    )
  })

  test("shortens a long name in its message", () => {
    expect(messageOf(() => parseSubjectAltNames(["!".repeat(300)]))).toHaveLength(
      'expected a DNS name, an IP address or a URI, got "…"'.length + 253,
    )
    expect(messageOf(() => parseSubjectAltNames(["!".repeat(253)]))).not.toContain("…")
  })

  test("takes 32 KiB of names and not a character more", () => {
    const names = Array.from({ length: 512 }, () => "a".repeat(63) + "b").map((name) => name.slice(1))
    const full = [...names, "c".repeat(32), "d".repeat(32 * 1024 - 512 * 63 - 32 - 63 * 7), ...names.slice(0, 7)]

    expect(full.join("")).toHaveLength(32 * 1024)
    expect(codeOf(() => parseSubjectAltNames(full))).toBe(undefined)
    expect(codeOf(() => parseSubjectAltNames([...full, "e"]))).toBe("SUBJECT_ALT_NAME")
  })

  test("sorts or refuses any text", () => {
    const texts = fc.string({ unit: fc.constantFrom(..."a0*.:-/%[]@ _é\n".split("")), maxLength: 12 })

    fc.assert(
      fc.property(texts, (text) => {
        const refused = codeOf(() => parseSubjectAltNames([text]))
        const sorted = refused === undefined ? Object.values(parseSubjectAltNames([text])).flat() : []

        expect([refused, sorted.length]).toEqual(refused === undefined ? [undefined, 1] : ["SUBJECT_ALT_NAME", 0])
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})

describe("encodeSubjectAltNames", () => {
  test("writes DNS names, then addresses, then URIs", () => {
    const extension = encodeSubjectAltNames(
      { dns: ["web", "*"], ips: ["10.1.2.3"], uris: ["urn:x:y"] },
      { critical: false },
    )

    expect(extension).toMatchObject({ oid: "2.5.29.17", critical: false })
    expect(encodeHex(extension.value)).toBe("3017820377656282012a87040a010203860775726e3a783a79")
  })

  test("is critical when asked for", () => {
    expect(encodeSubjectAltNames({ dns: [], ips: ["10.1.2.3"], uris: [] }, { critical: true }).critical).toBe(true)
  })

  test("refuses an empty list", () => {
    expect(codeOf(() => encodeSubjectAltNames({ dns: [], ips: [], uris: [] }, { critical: false }))).toBe(
      "SUBJECT_ALT_NAME",
    )
  })
})

describeOutside("names as the established implementation sorts them", () => {
  /** What it takes for a DNS name or URI though it is none (formats.md §14), and what it fails on itself. */
  const refused = [
    ...[
      "010.0.0.1",
      "[fd00::1]",
      "fe80::1%eth0",
      "10.0.0.0/8",
      "localhost:8080",
      "web:80",
      "10.0.0.1:80",
      "a b",
      "",
      "日本",
    ],
    ...[
      "exämple.com",
      "https://exämple.com",
      "http://[::1",
      "%zz",
      "a%zz",
      "a".repeat(300),
      "user@host",
      "//host/path",
      "1:2",
    ],
  ]
  const namesOf = (): readonly PeerName[] =>
    (readOutsideJson("peer/san.json") as { readonly names: readonly PeerName[] }).names

  test("come out the same, but for those that are neither DNS names, addresses nor URIs", () => {
    const names = namesOf().filter(({ name }) => !refused.includes(name))

    expect(names).toHaveLength(12)
    for (const { name, dns, ips, uris } of names) {
      expect(parseSubjectAltNames(["web", name])).toEqual({ dns: dns ?? [], ips: ips ?? [], uris: uris ?? [] })
    }
  })

  test("are refused where they are none of the three", () => {
    const names = namesOf().filter(({ name }) => refused.includes(name))

    expect(names).toHaveLength(refused.length)
    expect(names.filter(({ name }) => codeOf(() => parseSubjectAltNames([name])) !== "SUBJECT_ALT_NAME")).toEqual([])
  })
})
