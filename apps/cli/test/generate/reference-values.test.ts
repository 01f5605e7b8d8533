import { encodeHex, encodeUtf8 } from "@contrast/crypto"
import { type Manifest, type Platform, defaultReferenceValues } from "@contrast/manifest"
import { describe, expect, test } from "@jest/globals"
import { parseReferenceValuePatches, type ReferenceValuePatch } from "../../src/generate/reference-value-patches.ts"
import { assembleReferenceValues, type AssembledReferenceValues } from "../../src/generate/reference-values.ts"

const MEASUREMENT = "ab".repeat(48)
const TCB = { BootloaderVersion: 7, TEEVersion: 0, SNPVersion: 15, MicrocodeVersion: 72 }
const GENOA = [
  { op: "test", path: "/Platform", value: "Metal-QEMU-SNP" },
  { op: "test", path: "/ProductName", value: "Genoa" },
  { op: "replace", path: "/MinimumTCB", value: TCB },
  { op: "replace", path: "/TrustedMeasurement", value: MEASUREMENT },
  { op: "replace", path: "/AllowedChipIDs", value: ["0F".repeat(64)] },
]
const TDX = [
  { op: "test", path: "/Platform", value: "Metal-QEMU-TDX" },
  { op: "replace", path: "/MrSeam", value: MEASUREMENT },
]
const EXISTING: Manifest = {
  policies: new Map(),
  referenceValues: defaultReferenceValues("Metal-QEMU-TDX"),
  workloadOwnerPubKeys: [],
  workloadOwnerKeyDigests: [],
  seedshareOwnerPubKeys: [],
}

function patches(file: string, content: unknown): readonly ReferenceValuePatch[] {
  return parseReferenceValuePatches(file, encodeUtf8(JSON.stringify(content)))
}

function assemble(
  platforms: readonly Platform[],
  options: { existing?: Manifest; patches?: readonly ReferenceValuePatch[]; purgeEmpty?: boolean } = {},
): AssembledReferenceValues {
  const { existing, patches = [], purgeEmpty = false } = options
  return assembleReferenceValues({ existing, platforms: new Set(platforms), patches, purgeEmpty })
}

describe("reference values of a manifest", () => {
  test("are the default ones of each platform at first", () => {
    expect(assemble(["Metal-QEMU-TDX", "Metal-QEMU-SNP"])).toEqual({
      referenceValues: [...defaultReferenceValues("Metal-QEMU-SNP"), ...defaultReferenceValues("Metal-QEMU-TDX")],
      warnings: [],
    })
  })

  test("stay from the manifest before, and platforms without any are added", () => {
    const { referenceValues } = assemble(["Metal-QEMU-TDX", "Metal-QEMU-Insecure"], { existing: EXISTING })

    expect(referenceValues).toEqual([...EXISTING.referenceValues, ...defaultReferenceValues("Metal-QEMU-Insecure")])
  })
})

describe("patches of reference values", () => {
  test("fill in the entries that pass their tests, and no other", () => {
    const { referenceValues, warnings } = assemble(["Metal-QEMU-SNP"], { patches: patches("specs.json", [GENOA, TDX]) })

    const [milan, genoa, ...others] = defaultReferenceValues("Metal-QEMU-SNP")
    expect(referenceValues).toEqual([
      milan,
      {
        ...genoa,
        minimumTcb: { bootloaderVersion: 7, teeVersion: 0, snpVersion: 15, microcodeVersion: 72 },
        trustedMeasurement: Uint8Array.from({ length: 48 }, () => 0xab),
        allowedChipIds: [Uint8Array.from({ length: 64 }, () => 0x0f)],
      },
      ...others,
    ])
    expect(warnings).toEqual([])
  })

  test("are applied one after another", () => {
    const second = [
      { op: "test", path: "/MrSeam", value: MEASUREMENT },
      { op: "replace", path: "/MrTd", value: MEASUREMENT },
    ]

    const { referenceValues } = assemble(["Metal-QEMU-TDX"], {
      patches: [...patches("one.json", [TDX]), ...patches("other.json", [second])],
    })

    expect(referenceValues.map((entry) => entry.kind === "tdx" && entry.mrTd && encodeHex(entry.mrTd))).toEqual([
      MEASUREMENT,
    ])
  })

  test("keep away from what the manifest before holds, and say so", () => {
    const { referenceValues, warnings } = assemble(["Metal-QEMU-TDX"], {
      existing: EXISTING,
      patches: patches("specs.json", [TDX]),
    })

    expect(referenceValues).toEqual(EXISTING.referenceValues)
    expect(warnings).toEqual([expect.stringContaining("--reference-value-patches had no effect")])
  })

  test("that are for no entry are told by their file", () => {
    const { warnings } = assemble(["Metal-QEMU-SNP"], {
      patches: [...patches("tdx.json", [TDX, TDX]), ...patches("snp.json", [GENOA])],
    })

    expect(warnings).toEqual(["tdx.json had no effect: none of its patches is for these platforms"])
  })

  test("leave only what is filled in when the rest is purged", () => {
    const { referenceValues } = assemble(["Metal-QEMU-SNP", "Metal-QEMU-Insecure"], {
      patches: patches("specs.json", [GENOA]),
      purgeEmpty: true,
    })

    expect(referenceValues.map((entry) => (entry.kind === "snp" ? entry.productName : entry.platform))).toEqual([
      "Metal-QEMU-Insecure",
      "Genoa",
    ])
  })

  test("are missed where purging leaves nothing of a platform", () => {
    expect(() => assemble(["Metal-QEMU-SNP"], { purgeEmpty: true })).toThrow(
      expect.objectContaining({ code: "PLATFORM", message: "no reference values are filled in for Metal-QEMU-SNP" }),
    )
  })

  test.each([
    ["no JSON", "[", "$", /expected JSON/],
    ["no array", "{}", "$", /array of JSON Patches/],
    ["a single patch", JSON.stringify(TDX), "$[0]", /array of operations/],
    ["no operation", "[[null]]", "$[0][0]", /RFC 6902/],
    ["an unknown operation", '[[], [{"op": "set", "path": "/MrTd", "value": ""}]]', "$[1][0]", /RFC 6902/],
    ["an operation without path", '[[{"op": "remove"}]]', "$[0][0]", /RFC 6902/],
    ["a path that is no pointer", '[[{"op": "remove", "path": "MrTd"}]]', "$[0][0]", /RFC 6902/],
    ["an operation without value", '[[{"op": "add", "path": "/MrTd"}]]', "$[0][0]", /RFC 6902/],
    ["an operation without source", '[[{"op": "copy", "path": "/MrTd"}]]', "$[0][0]", /RFC 6902/],
    [
      "a number that would be rounded",
      '[[{"op": "test", "path": "/MrTd", "value": 9007199254740993}]]',
      "$",
      /below 2\^53/,
    ],
    ["a fraction", '[[{"op": "test", "path": "/MrTd", "value": 1.5}]]', "$", /whole numbers/],
    [
      "a path that is not there",
      '[[{"op": "replace", "path": "/MrTD", "value": ""}]]',
      "$[0][0]",
      /no "\/MrTD" to replace/,
    ],
    ["an unknown key", '[[{"op": "add", "path": "/MrTD", "value": ""}]]', "$[0]", /tdx\[0\]\.MrTD invalid/],
    ["a bad value", '[[{"op": "replace", "path": "/MrTd", "value": "abc"}]]', "$[0]", /tdx\[0\]\.MrTd invalid/],
    [
      "a test of what no entry has",
      '[[{"op": "test", "path": "/ProdutName", "value": ""}]]',
      "$[0][0]",
      /no reference values have "\/ProdutName" to test/,
    ],
    ["a place inside a text", '[[{"op": "add", "path": "/MrTd/0", "value": "a"}]]', "$[0][0]", /no "\/MrTd\/0" to add/],
    [
      "a name in an array",
      '[[{"op": "replace", "path": "/Rtmrs/first", "value": "a"}]]',
      "$[0][0]",
      /no "\/Rtmrs\/first" to replace/,
    ],
    [
      "the end of an array, replaced",
      '[[{"op": "replace", "path": "/Rtmrs/-", "value": "a"}]]',
      "$[0][0]",
      /no "\/Rtmrs\/-"/,
    ],
    ["an index past the end", '[[{"op": "add", "path": "/Rtmrs/9", "value": "a"}]]', "$[0][0]", /no "\/Rtmrs\/9"/],
    ["too deep JSON", "[".repeat(100_000), "$", /not too deeply nested/],
    ["nothing left", '[[{"op": "remove", "path": ""}]]', "$[0][0]", /no "" to remove/],
  ])("are refused with their place: %s", (_name, text, path, message) => {
    const refused = (): unknown =>
      assemble(["Metal-QEMU-TDX"], { patches: parseReferenceValuePatches("specs.json", encodeUtf8(text)) })

    expect(refused).toThrow(
      expect.objectContaining({
        code: "FILE_CONTENT",
        problems: [{ file: "specs.json", path, message: expect.stringMatching(message) as unknown }],
      }),
    )
  })
})
