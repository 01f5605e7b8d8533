import { describe, expect, test } from "@jest/globals"
import { encodeUtf8 } from "@contrast/crypto"
import { encodeBundle, type Entry, findItem, itemName, parseBundle, vcekItem } from "../src/index.ts"
import { CRL, LEAF, NOW, QUERY, TURIN_QUERY } from "./lab.ts"

const ENTRIES: readonly Entry[] = [
  { item: vcekItem(QUERY), content: { body: LEAF }, fetchedAt: NOW },
  { item: { kind: "amd-crl", line: "Milan", signer: "VCEK" }, content: { body: CRL }, fetchedAt: NOW },
]

describe("a bundle", () => {
  test("gives back what went in", () => {
    expect(parseBundle(encodeUtf8(encodeBundle(ENTRIES)))).toEqual(ENTRIES)
  })

  test.each<[string, (text: string) => string, string]>([
    ["is empty", () => "", "BUNDLE"],
    ["is no JSON", (text) => text.slice(1), "BUNDLE"],
    ["is of another type", (text) => text.replace("contrast-collateral", "other"), "BUNDLE"],
    ["is of another version", (text) => text.replace('"version": 1', '"version": 2'), "BUNDLE"],
    ["has no list", (text) => text.replace('"entries"', '"items"'), "BUNDLE"],
    ["has a damaged part", (text) => text.replace('"body": "M', '"body": "N'), "ENTRY"],
    ["has a part of unknown name", (text) => text.replace("amd-crl.Milan.VCEK", "../amd-crl"), "ENTRY"],
  ])("that %s is refused", (_name, change, code) => {
    expect(() => parseBundle(encodeUtf8(change(encodeBundle(ENTRIES))))).toThrow(expect.objectContaining({ code }))
  })

  test("with a part that is not what it is named is refused", () => {
    const swapped = [{ ...ENTRIES[0], item: { kind: "root-crl" } } as Entry]

    expect(() => parseBundle(encodeUtf8(encodeBundle(swapped)))).toThrow(expect.objectContaining({ code: "ENTRY" }))
  })
})

describe("the name of an item", () => {
  test.each([
    vcekItem(QUERY),
    vcekItem(TURIN_QUERY),
    { kind: "amd-crl", line: "Genoa", signer: "VLEK" },
    { kind: "tcb-info", fmspc: "00806f050000" },
    { kind: "tcb-info", fmspc: "00806f050000", evaluation: 20 },
    { kind: "qe-identity" },
    { kind: "qe-identity", evaluation: 4_294_967_295 },
    { kind: "pck-crl", ca: "processor" },
    { kind: "root-crl" },
  ] as const)("is safe as a file name and leads back to it: %j", (item) => {
    expect(itemName(item)).toMatch(/^[A-Za-z0-9.-]{1,200}$/)
    expect(findItem(itemName(item))).toEqual(item)
  })

  test.each([
    "",
    "vcek",
    "vcek.Rome.00.0-0-0-0",
    "tcb-info.../x",
    "tcb-info.00806F050000",
    "root-crl.x",
    "amd-crl.Milan",
    "tcb-info.00806f050000.020",
    "qe-identity.x",
    "qe-identity.-1",
  ])("is not %j", (name) => {
    expect(findItem(name)).toBeUndefined()
  })

  test.each(["3-0-8", "03-0-8-115", "3-0-8-256", "3-0-8--1"])("has no version %s in it", (tcb) => {
    const [kind, line, chip] = itemName(vcekItem(QUERY)).split(".")

    expect(findItem([kind, line, chip, tcb].join("."))).toBeUndefined()
  })
})
