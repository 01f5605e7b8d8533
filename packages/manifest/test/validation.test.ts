import { generateKeyPairSync } from "node:crypto"
import { describe, expect, test } from "@jest/globals"
import { type ManifestErrorCode, missingReferenceValues, validateManifest } from "../src/index.ts"
import {
  ABSENT,
  COORDINATOR_HASH,
  INSECURE,
  type Json,
  type Location,
  SECURE,
  WEB_HASH,
  bytesOf,
  manifestOf,
  ownerHex,
  seedshareOwnerKey,
  withValue,
  workloadOwnerKey,
} from "./support/manifests.ts"
import { problemsOf, refusalsOf } from "./support/refusals.ts"

const snp = ["ReferenceValues", "snp", 0]
const tdx = ["ReferenceValues", "tdx", 0]
const SNP_PATH = "$.ReferenceValues.snp[0]"
const TDX_PATH = "$.ReferenceValues.tdx[0]"
const TURIN = withValue(SECURE, [...snp, "ProductName"], "Turin")

function refusals(json: Json): unknown {
  return refusalsOf(() => {
    validateManifest(manifestOf(json))
  })
}

describe("a manifest is valid", () => {
  test.each<[string, Json]>([
    ["with secure platforms", SECURE],
    ["with insecure platforms", INSECURE],
    ["with only one technology", withValue(SECURE, ["ReferenceValues", "tdx"], ABSENT)],
    ["with two Coordinators", withValue(SECURE, ["Policies", WEB_HASH, "Role"], "coordinator")],
    ["without names in a policy", withValue(SECURE, ["Policies", WEB_HASH, "SANs"], null)],
    ["without owners", withValue(withValue(SECURE, ["WorkloadOwnerPubKeys"], null), ["SeedshareOwnerPubKeys"], null)],
    ["with the ABI version 0.0", withValue(SECURE, [...snp, "GuestPolicy", "ABIMinor"], 0)],
    ["with the page swap disabled", withValue(SECURE, [...snp, "GuestPolicy", "PageSwapDisable"], true)],
    ["with every bit of the platform set", withValue(SECURE, [...snp, "PlatformInfo", "TIOEnabled"], true)],
    ["for Turin", withValue(TURIN, [...snp, "MinimumTCB", "FMCVersion"], 0)],
    ["with TD attributes that allow no debugging", withValue(SECURE, [...tdx, "TdAttributes"], "00ffffffffffffff")],
  ])("%s", (_title, json) => {
    expect(refusals(json)).toEqual([])
    expect(missingReferenceValues(manifestOf(json))).toEqual([])
  })
})

describe("a manifest is refused", () => {
  test.each<[string, Location, Json | typeof ABSENT, ManifestErrorCode, string]>([
    ["without policies", ["Policies"], null, "COORDINATOR_MISSING", "$.Policies"],
    ["without Coordinator", ["Policies", COORDINATOR_HASH], ABSENT, "COORDINATOR_MISSING", "$.Policies"],
    ["without reference values", ["ReferenceValues"], {}, "REFERENCE_VALUES_EMPTY", "$.ReferenceValues"],
    [
      "with empty lists of reference values",
      ["ReferenceValues"],
      { snp: [], tdx: [] },
      "REFERENCE_VALUES_EMPTY",
      "$.ReferenceValues",
    ],
    [
      "with secure and insecure platforms",
      ["ReferenceValues", "snp", 1],
      { Platform: "Metal-QEMU-Insecure" },
      "MIXED_PLATFORMS",
      "$.ReferenceValues",
    ],
    [
      "with a name that no certificate can hold",
      ["Policies", WEB_HASH, "SANs"],
      ["web", "<html>&co"],
      "SUBJECT_ALT_NAME",
      `$.Policies["${WEB_HASH}"].SANs[1]`,
    ],
    [
      "with an empty name",
      ["Policies", COORDINATOR_HASH, "SANs"],
      [""],
      "SUBJECT_ALT_NAME",
      `$.Policies["${COORDINATOR_HASH}"].SANs[0]`,
    ],
    [
      "with more names than a certificate can hold",
      ["Policies", WEB_HASH, "SANs"],
      Array.from({ length: 256 }, () => `${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}`),
      "SUBJECT_ALT_NAME",
      `$.Policies["${WEB_HASH}"].SANs`,
    ],
    [
      "with an older minor ABI version",
      [...snp, "GuestPolicy", "ABIMinor"],
      30,
      "REFERENCE_VALUE_FORBIDDEN",
      `${SNP_PATH}.GuestPolicy.ABIMinor`,
    ],
    [
      "with a newer major ABI version",
      [...snp, "GuestPolicy", "ABIMajor"],
      1,
      "REFERENCE_VALUE_FORBIDDEN",
      `${SNP_PATH}.GuestPolicy.ABIMajor`,
    ],
    ["without SMT", [...snp, "GuestPolicy", "SMT"], false, "REFERENCE_VALUE_FORBIDDEN", `${SNP_PATH}.GuestPolicy.SMT`],
    ...["MigrateMA", "Debug", "SingleSocket", "CXLAllowed", "MemAES256XTS", "RAPLDis", "CipherTextHidingDRAM"].map(
      (key): [string, Location, Json, ManifestErrorCode, string] => [
        `with ${key}`,
        [...snp, "GuestPolicy", key],
        true,
        "REFERENCE_VALUE_FORBIDDEN",
        `${SNP_PATH}.GuestPolicy.${key}`,
      ],
    ),
    [
      "with an FMC version for Milan",
      [...snp, "MinimumTCB", "FMCVersion"],
      0,
      "REFERENCE_VALUE_FORBIDDEN",
      `${SNP_PATH}.MinimumTCB.FMCVersion`,
    ],
    [
      "without FMC version for Turin",
      [...snp, "ProductName"],
      "Turin",
      "REFERENCE_VALUE_MISSING",
      `${SNP_PATH}.MinimumTCB.FMCVersion`,
    ],
    [
      "with TD attributes for debugging",
      [...tdx, "TdAttributes"],
      "0100000000000000",
      "REFERENCE_VALUE_FORBIDDEN",
      `${TDX_PATH}.TdAttributes`,
    ],
    [
      "with TD attributes for profiling",
      [...tdx, "TdAttributes"],
      "8000001000000000",
      "REFERENCE_VALUE_FORBIDDEN",
      `${TDX_PATH}.TdAttributes`,
    ],
    [
      "with a workload owner key that is none",
      ["WorkloadOwnerPubKeys", 1],
      "abcd",
      "UNUSABLE_OWNER_KEY",
      "$.WorkloadOwnerPubKeys[1]",
    ],
    [
      "with an RSA key as workload owner",
      ["WorkloadOwnerPubKeys", 0],
      ownerHex(seedshareOwnerKey),
      "UNUSABLE_OWNER_KEY",
      "$.WorkloadOwnerPubKeys[0]",
    ],
    [
      "with a seed share owner key that is none",
      ["SeedshareOwnerPubKeys", 1],
      "abcd",
      "UNUSABLE_OWNER_KEY",
      "$.SeedshareOwnerPubKeys[1]",
    ],
    [
      "with an EC key as seed share owner",
      ["SeedshareOwnerPubKeys", 0],
      ownerHex(workloadOwnerKey),
      "UNUSABLE_OWNER_KEY",
      "$.SeedshareOwnerPubKeys[0]",
    ],
  ])("%s", (_title, location, value, code, path) => {
    expect(refusals(withValue(SECURE, location, value))).toEqual([[code, path]])
  })

  test("with a seed share owner key of 1024 bits", () => {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 1024 })
    const hex = publicKey.export({ type: "pkcs1", format: "der" }).toString("hex")

    const problems = problemsOf(() => {
      validateManifest(manifestOf(withValue(SECURE, ["SeedshareOwnerPubKeys", 1], hex)))
    })

    expect(problems).toMatchObject([
      { code: "UNUSABLE_OWNER_KEY", message: "expected an RSA key of 2048 to 16384 bits, got 1024" },
    ])
  })

  test("with a seed share owner key in PKIX form, as older releases of generate wrote it", () => {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
    const hex = publicKey.export({ type: "spki", format: "der" }).toString("hex")

    expect(refusals(withValue(SECURE, ["SeedshareOwnerPubKeys", 1], hex))).toEqual([
      ["UNUSABLE_OWNER_KEY", "$.SeedshareOwnerPubKeys[1]"],
    ])
  })

  test("for everything at once, with line and column where the text is at hand", () => {
    const json = withValue(withValue(SECURE, ["Policies"], {}), [...snp, "GuestPolicy", "Debug"], true)
    const source = bytesOf(json)
    const manifest = manifestOf(json)

    const bare = problemsOf(() => {
      validateManifest(manifest)
    })
    const located = problemsOf(() => {
      validateManifest(manifest, source)
    })

    expect(bare).toEqual([
      {
        code: "COORDINATOR_MISSING",
        path: "$.Policies",
        message: "expected at least one policy with the role coordinator",
      },
      { code: "REFERENCE_VALUE_FORBIDDEN", path: `${SNP_PATH}.GuestPolicy.Debug`, message: "expected false, got true" },
    ])
    expect(located.map(({ line, column }) => [line, column])).toEqual([
      [2, 15],
      [20, 20],
    ])
  })

  test("for no more than a hundred problems", () => {
    const names = Array.from({ length: 200 }, () => "a b")

    expect(refusals(withValue(SECURE, ["Policies", WEB_HASH, "SANs"], names))).toHaveLength(100)
  })
})

describe("values that have still to be filled in", () => {
  const blanks: readonly [Location, Json | typeof ABSENT, string][] = [
    [[...snp, "ProductName"], "", `${SNP_PATH}.ProductName`],
    [[...snp, "ProductName"], ABSENT, `${SNP_PATH}.ProductName`],
    [[...snp, "TrustedMeasurement"], "", `${SNP_PATH}.TrustedMeasurement`],
    [[...snp, "TrustedMeasurement"], ABSENT, `${SNP_PATH}.TrustedMeasurement`],
    ...["BootloaderVersion", "TEEVersion", "SNPVersion", "MicrocodeVersion"].flatMap(
      (key): [Location, Json | typeof ABSENT, string][] => [
        [[...snp, "MinimumTCB", key], null, `${SNP_PATH}.MinimumTCB.${key}`],
        [[...snp, "MinimumTCB", key], ABSENT, `${SNP_PATH}.MinimumTCB.${key}`],
      ],
    ),
    [[...tdx, "MrTd"], "", `${TDX_PATH}.MrTd`],
    [[...tdx, "MrSeam"], ABSENT, `${TDX_PATH}.MrSeam`],
    [[...tdx, "Rtmrs", 0], "", `${TDX_PATH}.Rtmrs[0]`],
    [[...tdx, "Rtmrs", 3], "", `${TDX_PATH}.Rtmrs[3]`],
    [[...tdx, "Xfam"], "", `${TDX_PATH}.Xfam`],
  ]

  test.each(blanks)("are named and refused: %j = %p", (location, value, path) => {
    const json = withValue(SECURE, location, value)

    expect(missingReferenceValues(manifestOf(json))).toEqual([path])
    expect(refusals(json)).toEqual([["REFERENCE_VALUE_MISSING", path]])
  })

  test("hide no other problem of their entry", () => {
    const json = withValue(withValue(SECURE, [...snp, "MinimumTCB"], {}), [...snp, "GuestPolicy", "Debug"], true)

    expect(refusals(json)).toHaveLength(5)
  })

  test("are looked for in every entry", () => {
    const json = withValue(SECURE, ["ReferenceValues", "tdx", 1], {
      Platform: "Metal-QEMU-TDX-GPU",
      MinTCBEvaluationDataNumber: 0,
      MrTd: "ab".repeat(48),
      MrSeam: "",
      Rtmrs: ["ab".repeat(48), "ab".repeat(48), "ab".repeat(48), "ab".repeat(48)],
      Xfam: "ab".repeat(8),
      MemoryIntegrity: false,
      SMTDisabled: false,
      StaticPlatform: false,
    })

    expect(missingReferenceValues(manifestOf(json))).toEqual(["$.ReferenceValues.tdx[1].MrSeam"])
  })
})
