import { expectKind } from "./codec.ts"
import { type JsonObject, type JsonValue, isArray, isObject } from "./go-json.ts"
import { type JsonNode, findMember } from "./json.ts"
import { type Platform } from "./platforms.ts"
import { type Problems } from "./problems.ts"
import { readMembers, refuseUnknownKeys } from "./struct-codec.ts"

/** An entry for a platform without TEE: there is nothing to compare with. */
export interface InsecureReferenceValues {
  readonly kind: "insecure"
  readonly platform: Platform
  /** The list of `ReferenceValues` in which the entry stands. */
  readonly list: "snp" | "tdx"
}

/** The established implementation writes an insecure entry with every key of its list and no value in any. */
const BLANK_SNP = {
  ProductName: "",
  TrustedMeasurement: "",
  MinimumTCB: { BootloaderVersion: null, TEEVersion: null, SNPVersion: null, MicrocodeVersion: null },
  GuestPolicy: {
    ABIMinor: 0,
    ABIMajor: 0,
    SMT: false,
    MigrateMA: false,
    Debug: false,
    SingleSocket: false,
    CXLAllowed: false,
    MemAES256XTS: false,
    RAPLDis: false,
    CipherTextHidingDRAM: false,
  },
  PlatformInfo: {
    SMTEnabled: false,
    TSMEEnabled: false,
    ECCEnabled: false,
    RAPLDisabled: false,
    CiphertextHidingDRAMEnabled: false,
    AliasCheckComplete: false,
  },
  MinimumMitigationVector: 0,
  AllowedChipIDs: null,
  CPUs: 0,
}

const BLANK_TDX = {
  MinTCBEvaluationDataNumber: 0,
  MrTd: "",
  MrSeam: "",
  Rtmrs: ["", "", "", ""],
  Xfam: "",
  AllowedPIIDs: null,
  MemoryIntegrity: false,
  SMTDisabled: false,
  StaticPlatform: false,
  CPUs: 0,
}

/** Its later releases know further keys. */
const LATER_SNP = {
  ...BLANK_SNP,
  APEIP: "",
  MinimumTCB: { ...BLANK_SNP.MinimumTCB, FMCVersion: null },
  GuestPolicy: { ...BLANK_SNP.GuestPolicy, PageSwapDisable: false },
  PlatformInfo: { ...BLANK_SNP.PlatformInfo, TIOEnabled: false },
}
const LATER_TDX = { ...BLANK_TDX, Rtmr0Alternatives: null, TdAttributes: "" }

const WRITTEN = { snp: BLANK_SNP, tdx: BLANK_TDX }
const READABLE = { snp: LATER_SNP, tdx: LATER_TDX }

/** Reads an entry for a platform without TEE. Any value in it would be a restriction that nothing enforces: a problem. */
export function readInsecure(
  node: JsonNode,
  { platform, list }: Omit<InsecureReferenceValues, "kind">,
  problems: Problems,
): InsecureReferenceValues {
  const name = findMember(node, "Platform")
  expectBlanks(node, { Platform: name?.kind === "string" ? name.value : "", ...READABLE[list] }, problems)
  return { kind: "insecure", platform, list }
}

/** Writes an entry for a platform without TEE as the established implementation does. */
export function writeInsecure({ platform, list }: InsecureReferenceValues): JsonObject {
  return { Platform: platform, ...WRITTEN[list] }
}

function expectBlanks(node: JsonNode, blanks: JsonObject, problems: Problems): void {
  const members = expectKind(node, "object", problems)?.members ?? []
  refuseUnknownKeys(members, Object.keys(blanks), problems)
  for (const [key, value] of readMembers(members, problems)) {
    const blank = Object.hasOwn(blanks, key) ? blanks[key] : undefined
    if (isObject(blank)) expectBlanks(value, blank, problems)
    else if (blank !== undefined && !matches(value, blank)) {
      problems.add(
        "INSECURE_VALUE",
        value,
        `nothing checks this on an insecure platform: expected ${JSON.stringify(blank)}`,
      )
    }
  }
}

function matches(node: JsonNode, blank: JsonValue | undefined): boolean {
  switch (node.kind) {
    case "string":
    case "boolean":
      return node.value === blank
    case "number":
      return blank === 0 && node.text === "0"
    case "null":
      return blank === null
    case "array":
      return (
        isArray(blank) && node.items.length === blank.length && node.items.every((item, i) => matches(item, blank[i]))
      )
    case "object":
      return false
  }
}
