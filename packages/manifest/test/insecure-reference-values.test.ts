import { decodeUtf8 } from "@contrast/crypto"
import { describe, expect, test } from "@jest/globals"
import { encodeManifest } from "../src/index.ts"
import { INSECURE, type Json, type Location, manifestOf, withValue } from "./support/manifests.ts"
import { refusalsOf } from "./support/refusals.ts"

/** As the established implementation writes an entry: each key of its list, and no value in any. */
const WRITTEN = {
  snp: {
    ...{ Platform: "Metal-QEMU-Insecure", ProductName: "", TrustedMeasurement: "" },
    MinimumTCB: { BootloaderVersion: null, TEEVersion: null, SNPVersion: null, MicrocodeVersion: null },
    GuestPolicy: {
      ...{ ABIMinor: 0, ABIMajor: 0, SMT: false, MigrateMA: false, Debug: false, SingleSocket: false },
      ...{ CXLAllowed: false, MemAES256XTS: false, RAPLDis: false, CipherTextHidingDRAM: false },
    },
    PlatformInfo: {
      ...{ SMTEnabled: false, TSMEEnabled: false, ECCEnabled: false, RAPLDisabled: false },
      ...{ CiphertextHidingDRAMEnabled: false, AliasCheckComplete: false },
    },
    ...{ MinimumMitigationVector: 0, AllowedChipIDs: null, CPUs: 0 },
  },
  tdx: {
    ...{
      Platform: "Metal-QEMU-Insecure",
      MinTCBEvaluationDataNumber: 0,
      MrTd: "",
      MrSeam: "",
      Rtmrs: ["", "", "", ""],
    },
    ...{ Xfam: "", AllowedPIIDs: null, MemoryIntegrity: false, SMTDisabled: false, StaticPlatform: false, CPUs: 0 },
  },
} as const

const LATER: readonly (readonly [keyof typeof WRITTEN, Location, Json])[] = [
  ["snp", ["APEIP"], ""],
  ["snp", ["MinimumTCB", "FMCVersion"], null],
  ["snp", ["GuestPolicy", "PageSwapDisable"], false],
  ["snp", ["PlatformInfo", "TIOEnabled"], false],
  ["tdx", ["Rtmr0Alternatives"], null],
  ["tdx", ["TdAttributes"], ""],
]

const listed = (list: keyof typeof WRITTEN, entry: Json): Json =>
  withValue(INSECURE, ["ReferenceValues"], { [list]: [entry] })

/** Where the values stand, Platform left out. */
function placesIn(value: Json, at: Location = []): readonly Location[] {
  if (typeof value !== "object" || value === null) return at[0] === "Platform" ? [] : [at]
  const members: readonly (readonly [string | number, Json])[] = Array.isArray(value)
    ? (value as readonly Json[]).map((item, index) => [index, item])
    : Object.entries(value)
  return members.flatMap(([key, member]) => placesIn(member, [...at, key]))
}

const places = (["snp", "tdx"] as const).flatMap((list) =>
  placesIn(WRITTEN[list]).map((location) => [list, location] as const),
)

describe("an entry for a platform without TEE", () => {
  test.each(["snp", "tdx"] as const)("is read with every key of %s and no value in any", (list) => {
    expect(manifestOf(listed(list, WRITTEN[list])).referenceValues).toEqual([
      { kind: "insecure", platform: "Metal-QEMU-Insecure", list },
    ])
  })

  test.each(LATER)("is read with a key of later releases, in %s at %j", (list, location, blank) => {
    const entry = withValue(WRITTEN[list], location, blank)

    expect(manifestOf(listed(list, entry)).referenceValues).toHaveLength(1)
  })

  test.each(["snp", "tdx"] as const)("is written with every key of %s, in this order", (list) => {
    const written = JSON.parse(decodeUtf8(encodeManifest(manifestOf(listed(list, WRITTEN[list]))))) as {
      readonly ReferenceValues: Json
    }

    expect(JSON.stringify(written.ReferenceValues)).toBe(JSON.stringify({ [list]: [WRITTEN[list]] }))
  })

  test.each([...places, ...LATER.map(([list, location]) => [list, location] as const)])(
    "is refused with a value in %s at %j",
    (list, location) => {
      const codes = [true, 1, "x", [], {}].map((value) =>
        refusalsOf(() => manifestOf(listed(list, withValue(WRITTEN[list], location, value)))).map(([code]) => code),
      )

      expect(codes).toEqual(codes.map(() => ["INSECURE_VALUE"]))
    },
  )

  test.each<[string, Json]>([
    ["fewer", ["", "", ""]],
    ["more", ["", "", "", "", ""]],
  ])("is refused with %s registers than there are", (_title, registers) => {
    const entry = withValue(WRITTEN.tdx, ["Rtmrs"], registers)

    expect(refusalsOf(() => manifestOf(listed("tdx", entry)))).toEqual([
      ["INSECURE_VALUE", "$.ReferenceValues.tdx[0].Rtmrs"],
    ])
  })
})
