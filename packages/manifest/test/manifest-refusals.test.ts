import { encodeUtf8 } from "@contrast/crypto"
import { describe, expect, test } from "@jest/globals"
import { MAX_MANIFEST_BYTES, type ManifestErrorCode, parseManifest } from "../src/index.ts"
import {
  ABSENT,
  INSECURE,
  type Json,
  type Location,
  SECURE,
  WEB_HASH,
  bytesOf,
  withValue,
} from "./support/manifests.ts"
import { problemsOf, refusalsOf } from "./support/refusals.ts"

type Row = readonly [title: string, location: Location, value: Json | typeof ABSENT, code: ManifestErrorCode]

const web = ["Policies", WEB_HASH]
const snp = ["ReferenceValues", "snp", 0]
const tdx = ["ReferenceValues", "tdx", 0]
const hex = (bytes: number): string => "ab".repeat(bytes)

const wrongTypes: readonly Row[] = [
  ["policies as an array", ["Policies"], [], "WRONG_TYPE"],
  ["policies as text", ["Policies"], "x", "WRONG_TYPE"],
  ["a policy as a list of names, as in 2024", web, ["web"], "WRONG_TYPE"],
  ["a policy as null", web, null, "WRONG_TYPE"],
  ["names as text", [...web, "SANs"], "web", "WRONG_TYPE"],
  ["a name as a number", [...web, "SANs", 0], 1, "WRONG_TYPE"],
  ["a name as null", [...web, "SANs", 0], null, "WRONG_TYPE"],
  ["a secret id as null", [...web, "WorkloadSecretID"], null, "WRONG_TYPE"],
  ["a role as null", [...web, "Role"], null, "WRONG_TYPE"],
  ["reference values as null", ["ReferenceValues"], null, "WRONG_TYPE"],
  ["a list of reference values as null", ["ReferenceValues", "snp"], null, "WRONG_TYPE"],
  ["an entry as null", snp, null, "WRONG_TYPE"],
  ["a platform as a number", [...snp, "Platform"], 1, "WRONG_TYPE"],
  ["a measurement as null", [...snp, "TrustedMeasurement"], null, "WRONG_TYPE"],
  ["a product as null", [...snp, "ProductName"], null, "WRONG_TYPE"],
  ["firmware versions as null", [...snp, "MinimumTCB"], null, "WRONG_TYPE"],
  ["a firmware version as text", [...snp, "MinimumTCB", "SNPVersion"], "8", "WRONG_TYPE"],
  ["a firmware version as empty text", [...snp, "MinimumTCB", "SNPVersion"], "", "WRONG_TYPE"],
  ["a flag as a number", [...snp, "GuestPolicy", "Debug"], 0, "WRONG_TYPE"],
  ["a flag as null", [...snp, "PlatformInfo", "SMTEnabled"], null, "WRONG_TYPE"],
  ["mitigations as text", [...snp, "MinimumMitigationVector"], "5", "WRONG_TYPE"],
  ["mitigations as null", [...snp, "MinimumMitigationVector"], null, "WRONG_TYPE"],
  ["chips as an object", [...snp, "AllowedChipIDs"], {}, "WRONG_TYPE"],
  ["processors as null", [...snp, "CPUs"], null, "WRONG_TYPE"],
  ["registers as null", [...tdx, "Rtmrs"], null, "WRONG_TYPE"],
  ["a register as null", [...tdx, "Rtmrs", 3], null, "WRONG_TYPE"],
  ["a TDX flag as text", [...tdx, "StaticPlatform"], "true", "WRONG_TYPE"],
  ["owners as text", ["WorkloadOwnerPubKeys"], "ab", "WRONG_TYPE"],
  ["an owner as null", ["SeedshareOwnerPubKeys", 0], null, "WRONG_TYPE"],
  ["an API version as a number", ["MinimumAPIVersion"], 1, "WRONG_TYPE"],
]

const wrongValues: readonly Row[] = [
  ["too many names", [...web, "SANs"], Array.from({ length: 257 }, () => "web"), "OUT_OF_RANGE"],
  ["a name that is too long", [...web, "SANs", 1], "é".repeat(513), "OUT_OF_RANGE"],
  ["a name of half a character", [...web, "SANs", 1], "\ud800", "MANIFEST_JSON"],
  ["a secret id that is too long", [...web, "WorkloadSecretID"], "x".repeat(1025), "OUT_OF_RANGE"],
  ["an unknown role", [...web, "Role"], "Coordinator", "UNKNOWN_ROLE"],
  ["too many entries", ["ReferenceValues", "snp"], Array.from({ length: 101 }, () => ({})), "OUT_OF_RANGE"],
  ["an unknown platform", [...snp, "Platform"], "K3s-QEMU-SNP", "PLATFORM"],
  ["no platform", [...snp, "Platform"], "", "PLATFORM"],
  ["a platform in the wrong list", [...snp, "Platform"], "Metal-QEMU-TDX", "PLATFORM"],
  ["a platform in the other wrong list", [...tdx, "Platform"], "Metal-QEMU-SNP", "PLATFORM"],
  ["an unknown product", [...snp, "ProductName"], "Rome", "PRODUCT_NAME"],
  ["a product in another case", [...snp, "ProductName"], "milan", "PRODUCT_NAME"],
  ["a measurement that is one byte short", [...snp, "TrustedMeasurement"], hex(47), "HEX"],
  ["a measurement that is one byte long", [...snp, "TrustedMeasurement"], hex(49), "HEX"],
  ["a measurement with half a byte", [...snp, "TrustedMeasurement"], hex(48).slice(1), "HEX"],
  ["a measurement that is not hex", [...snp, "TrustedMeasurement"], "xy".repeat(48), "HEX"],
  ["a measurement with a prefix", [...snp, "TrustedMeasurement"], `0x${hex(47)}`, "HEX"],
  ["a start address of five bytes", [...snp, "APEIP"], hex(5), "HEX"],
  ["a firmware version of 256", [...snp, "MinimumTCB", "TEEVersion"], 256, "OUT_OF_RANGE"],
  ["a negative firmware version", [...snp, "MinimumTCB", "TEEVersion"], -1, "OUT_OF_RANGE"],
  ["half a firmware version", [...snp, "MinimumTCB", "FMCVersion"], 0.5, "OUT_OF_RANGE"],
  ["an ABI version of 256", [...snp, "GuestPolicy", "ABIMinor"], 256, "OUT_OF_RANGE"],
  ["a major ABI version of 256", [...snp, "GuestPolicy", "ABIMajor"], 256, "OUT_OF_RANGE"],
  ["mitigations with an exponent", [...snp, "MinimumMitigationVector"], 1e300, "OUT_OF_RANGE"],
  ["a chip id of 63 bytes", [...snp, "AllowedChipIDs", 0], hex(63), "HEX"],
  ["a blank chip id", [...snp, "AllowedChipIDs", 0], "", "HEX"],
  ["2^32 processors", [...snp, "CPUs"], 2 ** 32, "OUT_OF_RANGE"],
  ["a TDX evaluation number of 2^32", [...tdx, "MinTCBEvaluationDataNumber"], 2 ** 32, "OUT_OF_RANGE"],
  ["three registers", [...tdx, "Rtmrs"], ["", "", ""], "OUT_OF_RANGE"],
  ["five registers", [...tdx, "Rtmrs"], ["", "", "", "", ""], "OUT_OF_RANGE"],
  ["a register of 32 bytes", [...tdx, "Rtmrs", 0], hex(32), "HEX"],
  ["a TD measurement of 32 bytes", [...tdx, "MrTd"], hex(32), "HEX"],
  ["a module measurement of 32 bytes", [...tdx, "MrSeam"], hex(32), "HEX"],
  ["features of seven bytes", [...tdx, "Xfam"], hex(7), "HEX"],
  ["TD attributes of nine bytes", [...tdx, "TdAttributes"], hex(9), "HEX"],
  ["a platform id of 15 bytes", [...tdx, "AllowedPIIDs", 0], hex(15), "HEX"],
  ["a blank alternative register", [...tdx, "Rtmr0Alternatives", 0], "", "HEX"],
  ["2^32 processors for TDX", [...tdx, "CPUs"], 2 ** 32, "OUT_OF_RANGE"],
  ["too many owners", ["WorkloadOwnerPubKeys"], Array.from({ length: 101 }, () => "ab"), "OUT_OF_RANGE"],
  ["an empty owner key", ["WorkloadOwnerPubKeys", 0], "", "HEX"],
  ["an owner key with half a byte", ["WorkloadOwnerPubKeys", 0], "abc", "HEX"],
  ["an owner key that is too long", ["SeedshareOwnerPubKeys", 0], hex(4097), "HEX"],
  ["an owner key that is not hex", ["SeedshareOwnerPubKeys", 0], "zz", "HEX"],
  ["an owner digest of 31 bytes", ["WorkloadOwnerKeyDigests", 0], hex(31), "HEX"],
  ["an owner digest of 33 bytes", ["WorkloadOwnerKeyDigests", 0], hex(33), "HEX"],
  ["an API version without v", ["MinimumAPIVersion"], "1", "API_VERSION"],
  ["an API version with a zero in front", ["MinimumAPIVersion"], "v01", "API_VERSION"],
  ["an API version of five digits", ["MinimumAPIVersion"], "v10000", "API_VERSION"],
  ["an API version with something before it", ["MinimumAPIVersion"], "xv1", "API_VERSION"],
]

const required: readonly Location[] = [
  ["Policies"],
  ["ReferenceValues"],
  ...["Platform", "MinimumTCB", "GuestPolicy", "PlatformInfo", "MinimumMitigationVector"].map((key) => [...snp, key]),
  ...["ABIMinor", "ABIMajor", "SMT", "MigrateMA", "Debug", "SingleSocket"].map((key) => [...snp, "GuestPolicy", key]),
  ...["CXLAllowed", "MemAES256XTS", "RAPLDis", "CipherTextHidingDRAM"].map((key) => [...snp, "GuestPolicy", key]),
  ...["SMTEnabled", "TSMEEnabled", "ECCEnabled", "RAPLDisabled"].map((key) => [...snp, "PlatformInfo", key]),
  ...["CiphertextHidingDRAMEnabled", "AliasCheckComplete"].map((key) => [...snp, "PlatformInfo", key]),
  ...["Platform", "MinTCBEvaluationDataNumber", "Rtmrs"].map((key) => [...tdx, key]),
  ...["MemoryIntegrity", "SMTDisabled", "StaticPlatform"].map((key) => [...tdx, key]),
]

const insecureValues: readonly (readonly [Location, Json])[] = [
  [["ProductName"], "Milan"],
  [["TrustedMeasurement"], hex(48)],
  [["TrustedMeasurement"], null],
  [["APEIP"], hex(4)],
  [["MinimumTCB", "SNPVersion"], 0],
  [["MinimumTCB", "SNPVersion"], ""],
  [["GuestPolicy", "Debug"], true],
  [["GuestPolicy", "ABIMinor"], 31],
  [["GuestPolicy", "ABIMinor"], "0"],
  [["GuestPolicy", "ABIMinor"], "0"],
  [["PlatformInfo", "SMTEnabled"], true],
  [["MinimumMitigationVector"], 1],
  [["MinimumMitigationVector"], false],
  [["AllowedChipIDs"], []],
  [["AllowedChipIDs"], {}],
  [["CPUs"], 1],
]

function pathOf(location: Location): string {
  return location.reduce<string>((path, step) => {
    if (typeof step === "number") return `${path}[${step}]`
    return step.length === 64 ? `${path}["${step}"]` : `${path}.${step}`
  }, "$")
}

function refusalsWith(location: Location, value: Json | typeof ABSENT, json: Json = SECURE): unknown {
  return refusalsOf(() => parseManifest(bytesOf(withValue(json, location, value))))
}

describe("a manifest is refused", () => {
  test.each([...wrongTypes, ...wrongValues])("with %s", (_title, location, value, code) => {
    expect(refusalsWith(location, value)).toEqual([[code, pathOf(location)]])
  })

  test.each(required.map((location) => [pathOf(location), location] as const))("without %s", (path, location) => {
    expect(refusalsWith(location, ABSENT)).toEqual([["MISSING_KEY", path]])
  })

  test.each([
    ["upper case", "AB".repeat(32)],
    ["63 digits", "a".repeat(63)],
    ["65 digits", "a".repeat(65)],
    ["66 digits", "a".repeat(66)],
    ["another letter", `g${"a".repeat(63)}`],
    ["no digits", ""],
  ])("with a policy hash of %s", (_title, hash) => {
    expect(refusalsWith(["Policies", hash], { SANs: null })).toMatchObject([["POLICY_HASH", expect.any(String)]])
  })

  test("with too many policies", () => {
    const entries = Array.from({ length: 10_001 }, (_, index) => [index.toString(16).padStart(64, "0"), {}] as const)

    expect(refusalsWith(["Policies"], Object.fromEntries(entries))).toEqual([["OUT_OF_RANGE", "$.Policies"]])
  })
})

describe("an entry for an insecure platform is refused", () => {
  const entry = ["ReferenceValues", "snp", 0]

  test.each(insecureValues)("with a value at %j: %j", (location, value) => {
    const at = [...entry, ...location]

    expect(refusalsWith(at, value, INSECURE)).toEqual([["INSECURE_VALUE", pathOf(at)]])
  })

  test.each<[string, Location, Json, ManifestErrorCode]>([
    ["with a key of the other list", ["MrTd"], "", "UNKNOWN_KEY"],
    ["with an unknown key further in", ["GuestPolicy", "Smt"], false, "UNKNOWN_KEY"],
    ["with a key that every object of JavaScript has", ["constructor"], {}, "UNKNOWN_KEY"],
    ["with a value in place of an object", ["MinimumTCB"], null, "WRONG_TYPE"],
  ])("%s", (_title, location, value, code) => {
    const at = [...entry, ...location]

    expect(refusalsWith(at, value, INSECURE)).toEqual([[code, pathOf(at)]])
  })

  test.each<[string, Json]>([
    ["with a value in a register", ["", "", "", hex(48)]],
    ["with too few registers", ["", "", ""]],
    ["with a register of another type", ["", "", "", null]],
    ["with no registers", null],
  ])("under tdx %s", (_title, registers) => {
    const json = withValue(INSECURE, ["ReferenceValues"], {
      tdx: [{ Platform: "Metal-QEMU-Insecure", Rtmrs: registers }],
    })

    expect(refusalsOf(() => parseManifest(bytesOf(json)))).toEqual([
      ["INSECURE_VALUE", "$.ReferenceValues.tdx[0].Rtmrs"],
    ])
  })
})

describe("a key is refused that is", () => {
  test.each([
    ["unknown", '"Comment": 1', "UNKNOWN_KEY", 'unknown key "Comment"'],
    ["misspelt", '"Polices": 1', "UNKNOWN_KEY", 'unknown key "Polices", did you mean "Policies"?'],
    ["in another case", '"policies": 1', "UNKNOWN_KEY", 'unknown key "policies", did you mean "Policies"?'],
    [
      "named as the documentation sometimes does",
      '"SeedshareOwnerKeys": 1',
      "UNKNOWN_KEY",
      'unknown key "SeedshareOwnerKeys", did you mean "SeedshareOwnerPubKeys"?',
    ],
    ["there twice", '"Policies": {}', "DUPLICATE_KEY", 'the key "Policies" is there twice'],
    ["there twice by an escape", '"\\u0050olicies": {}', "DUPLICATE_KEY", 'the key "Policies" is there twice'],
    ["the prototype", '"__proto__": 1', "UNKNOWN_KEY", 'unknown key "__proto__"'],
  ])("%s", (_title, member, code, message) => {
    const text = `{"Policies": {}, "ReferenceValues": {}, ${member}}`

    expect(problemsOf(() => parseManifest(encodeUtf8(text)))).toMatchObject([{ code, message }])
  })

  test.each([
    ["policies", `{"Policies": {"${WEB_HASH}": {}, "${WEB_HASH}": {}}, "ReferenceValues": {}}`],
    ["a policy", `{"Policies": {"${WEB_HASH}": {"SANs": null, "SANs": []}}, "ReferenceValues": {}}`],
    ["reference values", `{"Policies": {}, "ReferenceValues": {"snp": [], "snp": []}}`],
    [
      "an insecure entry",
      `{"Policies": {}, "ReferenceValues": {"snp": [{"Platform": "Metal-QEMU-Insecure", "CPUs": 0, "CPUs": 0}]}}`,
    ],
    [
      "an entry that names two platforms",
      `{"Policies": {}, "ReferenceValues": {"snp": [{"Platform": "Metal-QEMU-SNP", "Platform": "Metal-QEMU-Insecure"}]}}`,
    ],
  ])("there twice in %s", (_title, text) => {
    expect(refusalsOf(() => parseManifest(encodeUtf8(text)))).toMatchObject([["DUPLICATE_KEY", expect.any(String)]])
  })

  test("longer than anyone can mean, without being repeated in full", () => {
    const text = `{"Policies": {}, "ReferenceValues": {}, "${"\u{1f600}".repeat(100_000)}": 1}`
    const [problem] = problemsOf(() => parseManifest(encodeUtf8(text)))

    expect(problem?.code).toBe("UNKNOWN_KEY")
    expect(problem?.path.length).toBeLessThan(100)
    expect(problem?.message.length).toBeLessThan(100)
  })
})

describe("bytes are refused that are", () => {
  test.each<[string, string | Uint8Array, number, number]>([
    ["nothing", "", 1, 1],
    ["white space", " \n ", 2, 2],
    ["cut short", '{"Policies": {\n', 2, 1],
    ["followed by more", '{}\n{"Policies": null}', 2, 1],
    ["followed by a letter", "{} x", 1, 4],
    ["two values", "null null", 1, 6],
    ["with a comment", '{\n  // why\n  "Policies": null}', 2, 3],
    ["with a comma too many", '{"Policies": null,}', 1, 19],
    ["with a comma too few", '{"Policies": null "ReferenceValues": {}}', 1, 19],
    ["with a byte order mark", "\ufeff{}", 1, 1],
    ["with single quotes", "{'Policies': null}", 1, 2],
    ["with a line feed in a string", '{"Poli\ncies": null}', 1, 2],
    ["with a number that starts with zero", '{"Policies": 01}', 1, 15],
    ["with a constant of JavaScript", '{"Policies": NaN}', 1, 14],
    ["with an unknown escape", '{"\\x": null}', 1, 2],
    ["too deep", "[".repeat(2_000_000), 1, 17],
    ["too deep after a string with brackets", `["}}}]]]\\"", ${"{".repeat(17)}`, 1, 29],
    ["not UTF-8", Uint8Array.of(0x7b, 0xff, 0x7d), 1, 1],
  ])("%s", (_title, content, line, column) => {
    const bytes = typeof content === "string" ? encodeUtf8(content) : content
    const problems = problemsOf(() => parseManifest(bytes))

    expect(problems).toMatchObject([{ code: "MANIFEST_JSON", path: "$" }])
    expect(typeof content === "string" ? problems : [{ line, column }]).toMatchObject([{ line, column }])
  })

  test.each([
    ["values in a list", "[", "0", "]"],
    ["values in an object", "{", '"":0', "}"],
    ["lists in a list", "[", "[]", "]"],
    ["objects in a list", "[", "{}", "]"],
  ])("too many %s", (_title, open, value, close) => {
    const text = (count: number): Uint8Array => encodeUtf8(open + Array(count).fill(value).join() + close)
    const half = value.length === 2 ? 2 : 1

    expect(problemsOf(() => parseManifest(text(100_000 / half)))[0]?.code).not.toBe("MANIFEST_SIZE")
    expect(problemsOf(() => parseManifest(text(100_000 / half + 1)))).toMatchObject([
      { code: "MANIFEST_SIZE", path: "$", message: "expected at most 100000 values" },
    ])
  })

  test("too many", () => {
    expect(refusalsOf(() => parseManifest(new Uint8Array(MAX_MANIFEST_BYTES + 1)))).toEqual([["MANIFEST_SIZE", "$"]])
  })

  test.each([
    ["null", "null"],
    ["an array", "[]"],
    ["text", '"Policies"'],
    ["a number", "1"],
  ])("%s", (_title, text) => {
    expect(refusalsOf(() => parseManifest(encodeUtf8(text)))).toEqual([["WRONG_TYPE", "$"]])
  })
})

test("sixteen levels are deep enough to be read, and refused for what they are", () => {
  const text = `{"Policies": {}, "ReferenceValues": {}, "X": ${"[".repeat(15)}${"]".repeat(15)}}`

  expect(refusalsOf(() => parseManifest(encodeUtf8(text)))).toEqual([["UNKNOWN_KEY", "$.X"]])
})
