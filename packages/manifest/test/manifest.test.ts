import { decodeUtf8, encodeUtf8 } from "@contrast/crypto"
import { describe, expect, test } from "@jest/globals"
import { MAX_MANIFEST_BYTES, ManifestError, encodeManifest, parseManifest } from "../src/index.ts"
import {
  COORDINATOR_HASH,
  INSECURE,
  type Json,
  type Location,
  SECURE,
  WEB_HASH,
  bytesOf,
  manifestOf,
  withValue,
} from "./support/manifests.ts"
import { problemsOf, refusalsOf } from "./support/refusals.ts"

const HEX_48 = "aa".repeat(48)

function roundTrip(json: Json): string {
  return decodeUtf8(encodeManifest(manifestOf(json)))
}

/** What a manifest has to have at least, but for its policies. */
const EMPTY = { ReferenceValues: {}, WorkloadOwnerPubKeys: null, SeedshareOwnerPubKeys: null }

describe("a manifest is read", () => {
  test("with its policies", () => {
    const { policies } = manifestOf(SECURE)

    expect(policies.get(WEB_HASH)).toEqual({
      sans: ["web", "*", "10.0.0.1", "spiffe://td/web"],
      workloadSecretId: "apps/v1/Deployment/default/web",
    })
    expect(policies.get(COORDINATOR_HASH)).toEqual({ sans: ["coordinator"], role: "coordinator" })
  })

  test("with the reference values of SEV-SNP", () => {
    const [snp] = manifestOf(SECURE).referenceValues

    expect(snp).toEqual({
      kind: "snp",
      platform: "Metal-QEMU-SNP",
      productName: "Milan",
      trustedMeasurement: new Uint8Array(48).fill(0xaa),
      minimumTcb: { bootloaderVersion: 3, teeVersion: 0, snpVersion: 8, microcodeVersion: 255 },
      guestPolicy: {
        abiMinor: 31,
        abiMajor: 0,
        smt: true,
        migrateMa: false,
        debug: false,
        singleSocket: false,
        cxlAllowed: false,
        memAes256Xts: false,
        raplDis: false,
        cipherTextHidingDram: false,
        pageSwapDisable: false,
      },
      platformInfo: {
        smtEnabled: true,
        tsmeEnabled: false,
        eccEnabled: true,
        raplDisabled: false,
        ciphertextHidingDramEnabled: false,
        aliasCheckComplete: true,
        tioEnabled: false,
      },
      minimumMitigationVector: 5n,
      allowedChipIds: [new Uint8Array(64).fill(0x0c)],
    })
  })

  test("with the reference values of TDX", () => {
    const [, tdx] = manifestOf(SECURE).referenceValues

    expect(tdx).toEqual({
      kind: "tdx",
      platform: "Metal-QEMU-TDX",
      minTcbEvaluationDataNumber: 17,
      mrTd: new Uint8Array(48).fill(1),
      mrSeam: new Uint8Array(48).fill(2),
      rtmrs: [0x10, 0x11, 0x12, 0x13].map((byte) => new Uint8Array(48).fill(byte)),
      rtmr0Alternatives: [],
      xfam: Uint8Array.of(0xe7, 2, 6, 0, 0, 0, 0, 0),
      allowedPiids: [new Uint8Array(16).fill(0x0d)],
      memoryIntegrity: true,
      smtDisabled: false,
      staticPlatform: true,
    })
  })

  test.each(["snp", "tdx"] as const)("with an insecure platform that is named and no more, under %s", (list) => {
    const json = withValue(SECURE, ["ReferenceValues"], { [list]: [{ Platform: "Metal-QEMU-GPU-Insecure" }] })

    expect(manifestOf(json).referenceValues).toEqual([{ kind: "insecure", platform: "Metal-QEMU-GPU-Insecure", list }])
  })

  test("with an insecure entry that has the keys of later releases", () => {
    const later = {
      Platform: "metal-qemu-insecure",
      APEIP: "",
      MinimumTCB: { FMCVersion: null },
      GuestPolicy: { PageSwapDisable: false },
      PlatformInfo: { TIOEnabled: false },
    }
    const json = withValue(INSECURE, ["ReferenceValues", "snp", 0], later)

    expect(manifestOf(json)).toEqual(manifestOf(INSECURE))
  })

  test.each<[string, Location, Json, unknown]>([
    ["every 64-bit number exactly", ["MinimumMitigationVector"], 0, 0n],
    ["a platform in any case", ["Platform"], "METAL-qemu-snp-gpu", "Metal-QEMU-SNP-GPU"],
    ["hex in upper case", ["TrustedMeasurement"], HEX_48.toUpperCase(), new Uint8Array(48).fill(0xaa)],
    ["a start address", ["APEIP"], "0080b004", Uint8Array.of(0, 0x80, 0xb0, 4)],
    ["no chips as null", ["AllowedChipIDs"], null, []],
    ["the informative number of processors", ["CPUs"], 4, 4],
  ])("with %s", (_title, key, value, expected) => {
    const [snp] = manifestOf(withValue(SECURE, ["ReferenceValues", "snp", 0, ...key], value)).referenceValues

    expect(Object.values(snp ?? {})).toContainEqual(expected)
  })

  test("with a 64-bit number that no double holds", () => {
    const text = decodeUtf8(bytesOf(SECURE)).replace(
      '"MinimumMitigationVector": 5',
      '"MinimumMitigationVector": 18446744073709551615',
    )
    const manifest = parseManifest(encodeUtf8(text))

    expect(manifest.referenceValues[0]).toMatchObject({ minimumMitigationVector: 0xffff_ffff_ffff_ffffn })
    expect(decodeUtf8(encodeManifest(manifest))).toContain('"MinimumMitigationVector": 18446744073709551615,')
  })

  test("with owner keys exactly as they are written", () => {
    const json = withValue(SECURE, ["SeedshareOwnerPubKeys"], ["ABcd", "abCD"])

    expect(manifestOf(json).seedshareOwnerPubKeys).toEqual(["ABcd", "abCD"])
  })

  test("with the older digests of owner keys", () => {
    const json = withValue(SECURE, ["WorkloadOwnerKeyDigests"], ["AB".repeat(32)])

    expect(manifestOf(json).workloadOwnerKeyDigests).toEqual(["AB".repeat(32)])
  })

  test("with a lowest version of the API", () => {
    expect(manifestOf(withValue(SECURE, ["MinimumAPIVersion"], "v12")).minimumApiVersion).toBe("v12")
  })

  test("without what may be left out or empty", () => {
    const json = {
      Policies: { [WEB_HASH]: { WorkloadSecretID: "", Role: "" }, [COORDINATOR_HASH]: { SANs: null } },
      ReferenceValues: {},
      MinimumAPIVersion: "",
    }

    expect(manifestOf(json)).toEqual({
      policies: new Map([
        [WEB_HASH, { sans: [] }],
        [COORDINATOR_HASH, { sans: [] }],
      ]),
      referenceValues: [],
      workloadOwnerPubKeys: [],
      workloadOwnerKeyDigests: [],
      seedshareOwnerPubKeys: [],
    })
  })

  test.each<[string, Location, Json]>([
    ["256 names", ["Policies", WEB_HASH, "SANs"], Array.from({ length: 256 }, () => "web")],
    ["a name of 1,024 bytes", ["Policies", WEB_HASH, "SANs", 0], "é".repeat(512)],
    ["a secret id of 1,024 bytes", ["Policies", WEB_HASH, "WorkloadSecretID"], "x".repeat(1024)],
    [
      "100 entries",
      ["ReferenceValues", "snp"],
      Array.from({ length: 100 }, () => ({ Platform: "Metal-QEMU-Insecure" })),
    ],
    ["100 owners", ["WorkloadOwnerPubKeys"], Array.from({ length: 100 }, () => "ab")],
    ["an owner key of 4,096 bytes", ["SeedshareOwnerPubKeys", 0], "ab".repeat(4096)],
    ["a firmware version of 255", ["ReferenceValues", "snp", 0, "MinimumTCB", "TEEVersion"], 255],
    ["an ABI version of 255", ["ReferenceValues", "snp", 0, "GuestPolicy", "ABIMinor"], 255],
    ["2^32-1 processors", ["ReferenceValues", "snp", 0, "CPUs"], 2 ** 32 - 1],
    ["2^32-1 processors for TDX", ["ReferenceValues", "tdx", 0, "CPUs"], 2 ** 32 - 1],
    ["an evaluation number of 2^32-1", ["ReferenceValues", "tdx", 0, "MinTCBEvaluationDataNumber"], 2 ** 32 - 1],
    ["an API version of four digits", ["MinimumAPIVersion"], "v9999"],
    ["the first API version", ["MinimumAPIVersion"], "v0"],
    ["hex in upper case", ["ReferenceValues", "snp", 0, "TrustedMeasurement"], "AB".repeat(48)],
    [
      "10,000 policies",
      ["Policies"],
      Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [index.toString(16).padStart(64, "0"), {}])),
    ],
  ])("with %s", (_title, location, value) => {
    expect(problemsOf(() => manifestOf(withValue(SECURE, location, value)))).toEqual([])
  })

  test("up to the largest size", () => {
    const bytes = bytesOf(SECURE)
    const padded = new Uint8Array(MAX_MANIFEST_BYTES).fill(0x20)
    padded.set(bytes)

    expect(parseManifest(padded)).toEqual(parseManifest(bytes))
  })
})

describe("a manifest is written", () => {
  test("in the form of the established implementation", () => {
    const json = {
      Policies: {
        [COORDINATOR_HASH]: { SANs: ["<html>&co\u2028"], Role: "coordinator" },
        [WEB_HASH]: { SANs: [], WorkloadSecretID: 'a"b\\c\n日本' },
      },
      ReferenceValues: {},
      MinimumAPIVersion: "v1",
    }

    expect(roundTrip(json)).toBe(`{
  "Policies": {
    "${WEB_HASH}": {
      "SANs": null,
      "WorkloadSecretID": "a\\"b\\\\c\\n日本"
    },
    "${COORDINATOR_HASH}": {
      "SANs": [
        "\\u003chtml\\u003e\\u0026co\\u2028"
      ],
      "Role": "coordinator"
    }
  },
  "ReferenceValues": {},
  "WorkloadOwnerPubKeys": null,
  "SeedshareOwnerPubKeys": null,
  "MinimumAPIVersion": "v1"
}
`)
  })

  test("has its policies in the order of their hashes, whatever order they came in", () => {
    const [low, high] = ["0".repeat(64), "f".repeat(64)]
    const text = (...hashes: readonly string[]): string =>
      roundTrip({ ...EMPTY, Policies: Object.fromEntries(hashes.map((hash) => [hash, { SANs: null }])) })

    // Neither is an array index, so an object keeps them in the order that they are given in.
    expect(text(high, low)).toBe(text(low, high))
    expect(text(high, low).indexOf(low)).toBeLessThan(text(high, low).indexOf(high))
  })

  test.each([
    ["null", null],
    ["an empty object", {}],
  ])("has null for no policies, which may come as %s", (_title, Policies) => {
    expect(roundTrip({ ...EMPTY, Policies })).toContain('"Policies": null,')
  })

  test.each<[string, Json]>([
    ["secure", SECURE],
    ["insecure", INSECURE],
    [
      "with the newer keys of the guest policy",
      withValue(SECURE, ["ReferenceValues", "snp", 0, "GuestPolicy", "PageSwapDisable"], true),
    ],
    [
      "with the newer keys of the platform",
      withValue(SECURE, ["ReferenceValues", "snp", 0, "PlatformInfo", "TIOEnabled"], true),
    ],
    ["for Turin", withValue(SECURE, ["ReferenceValues", "snp", 0, "MinimumTCB", "FMCVersion"], 1)],
    ["with alternatives for RTMR0", withValue(SECURE, ["ReferenceValues", "tdx", 0, "Rtmr0Alternatives"], [HEX_48])],
    ["with TD attributes", withValue(SECURE, ["ReferenceValues", "tdx", 0, "TdAttributes"], "0000001000000000")],
    ["with a blank register", withValue(SECURE, ["ReferenceValues", "tdx", 0, "Rtmrs", 2], "")],
    ["with the older owner digests", withValue(SECURE, ["WorkloadOwnerKeyDigests"], ["ab".repeat(32)])],
  ])("so that it reads back the same: %s", (_title, json) => {
    const manifest = manifestOf(json)

    expect(parseManifest(encodeManifest(manifest))).toEqual(manifest)
  })

  test("with the values that have still to be filled in as blanks", () => {
    const blank = { ...{}, Platform: "Metal-QEMU-SNP", ProductName: "", TrustedMeasurement: "", MinimumTCB: {} }
    const json = Object.entries(blank).reduce<Json>(
      (manifest, [key, value]) => withValue(manifest, ["ReferenceValues", "snp", 0, key], value),
      SECURE,
    )

    expect(roundTrip(json)).toContain(`        "ProductName": "",
        "TrustedMeasurement": "",
        "MinimumTCB": {
          "BootloaderVersion": null,
          "TEEVersion": null,
          "SNPVersion": null,
          "MicrocodeVersion": null
        },
`)
  })
})

describe("a refusal", () => {
  test("tells every problem in the order of the text, with line and column", () => {
    const text = `{
  "Policies": { "AB": { "SANs": 1 } },
  "policies": null,
  "ReferenceValues": { "snp": {} }
}`
    const problems = problemsOf(() => parseManifest(encodeUtf8(text)))

    expect(problems.map(({ code, path, line, column }) => [code, path, line, column])).toEqual([
      ["POLICY_HASH", "$.Policies.AB", 2, 17],
      ["WRONG_TYPE", "$.Policies.AB.SANs", 2, 33],
      ["UNKNOWN_KEY", "$.policies", 3, 3],
      ["WRONG_TYPE", "$.ReferenceValues.snp", 4, 31],
    ])
  })

  test("carries what the first problem says", () => {
    const refuse = (): unknown => parseManifest(encodeUtf8('{"Polices": {},\n "ReferenceValues": {}, "X": 1}'))

    expect(refuse).toThrow(ManifestError)
    expect(refuse).toThrow(
      expect.objectContaining({
        name: "ManifestError",
        code: "UNKNOWN_KEY",
        path: "$.Polices",
        line: 1,
        column: 2,
        message: '$.Polices: unknown key "Polices", did you mean "Policies"? (and 2 more)',
      }),
    )
  })

  test("puts a missing key where the object ends", () => {
    const [missing] = problemsOf(() => parseManifest(encodeUtf8('{\n  "ReferenceValues": {}\n}')))

    expect(missing).toEqual({
      code: "MISSING_KEY",
      path: "$.Policies",
      message: "expected this key",
      line: 3,
      column: 1,
    })
  })

  test("of very many mistakes tells the first hundred", () => {
    const text = `{${Array.from({ length: 90_000 }, () => '"":0').join()}}`

    expect(refusalsOf(() => parseManifest(encodeUtf8(text)))).toHaveLength(100)
  })
})
