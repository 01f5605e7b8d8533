import { type KeyObject, createPublicKey, generateKeyPairSync } from "node:crypto"
import { encodeHex, encodeOwnerPublicKey, encodeUtf8, generateWorkloadOwnerKey } from "@contrast/crypto"
import { type Manifest, parseManifest } from "../../src/index.ts"

/** JSON as it is written; numbers only as large as a double holds. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** In place of a value: takes the key away. */
export const ABSENT: unique symbol = Symbol("absent")

/** A way into JSON: keys and indices. */
export type Location = readonly (string | number)[]

export const COORDINATOR_HASH: string = "c0".repeat(32)
export const WEB_HASH: string = "ab".repeat(32)

export const workloadOwnerKey: KeyObject = generateWorkloadOwnerKey()
export const seedshareOwnerKey: KeyObject = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey

/** The hex text by which a manifest names an owner. */
export function ownerHex(key: KeyObject): string {
  return encodeHex(encodeOwnerPublicKey(createPublicKey(key)))
}

const SNP: Json = {
  Platform: "Metal-QEMU-SNP",
  ProductName: "Milan",
  TrustedMeasurement: "aa".repeat(48),
  MinimumTCB: { BootloaderVersion: 3, TEEVersion: 0, SNPVersion: 8, MicrocodeVersion: 255 },
  GuestPolicy: {
    ABIMinor: 31,
    ABIMajor: 0,
    SMT: true,
    MigrateMA: false,
    Debug: false,
    SingleSocket: false,
    CXLAllowed: false,
    MemAES256XTS: false,
    RAPLDis: false,
    CipherTextHidingDRAM: false,
  },
  PlatformInfo: {
    SMTEnabled: true,
    TSMEEnabled: false,
    ECCEnabled: true,
    RAPLDisabled: false,
    CiphertextHidingDRAMEnabled: false,
    AliasCheckComplete: true,
  },
  MinimumMitigationVector: 5,
  AllowedChipIDs: ["0c".repeat(64)],
}

const TDX: Json = {
  Platform: "Metal-QEMU-TDX",
  MinTCBEvaluationDataNumber: 17,
  MrTd: "01".repeat(48),
  MrSeam: "02".repeat(48),
  Rtmrs: ["10".repeat(48), "11".repeat(48), "12".repeat(48), "13".repeat(48)],
  Xfam: "e702060000000000",
  AllowedPIIDs: ["0d".repeat(16)],
  MemoryIntegrity: true,
  SMTDisabled: false,
  StaticPlatform: true,
}

/** A manifest in which every key that is always written has a value. */
export const SECURE: Json = {
  Policies: {
    [WEB_HASH]: {
      SANs: ["web", "*", "10.0.0.1", "spiffe://td/web"],
      WorkloadSecretID: "apps/v1/Deployment/default/web",
    },
    [COORDINATOR_HASH]: { SANs: ["coordinator"], Role: "coordinator" },
  },
  ReferenceValues: { snp: [SNP], tdx: [TDX] },
  WorkloadOwnerPubKeys: [ownerHex(workloadOwnerKey)],
  SeedshareOwnerPubKeys: [ownerHex(seedshareOwnerKey)],
}

/** The same with the shortest entry for an insecure platform. */
export const INSECURE: Json = withValue(SECURE, ["ReferenceValues"], { snp: [{ Platform: "Metal-QEMU-Insecure" }] })

/** A copy in which one place holds another value. */
export function withValue(json: Json, [step, ...rest]: Location, value: Json | typeof ABSENT): Json {
  if (step === undefined) return value === ABSENT ? null : value
  if (Array.isArray(json)) {
    const items: readonly Json[] = json
    return Object.assign([...items], { [step]: withValue(items[Number(step)] ?? null, rest, value) })
  }
  const members = typeof json === "object" && json !== null ? (json as { readonly [key: string]: Json }) : {}
  const others = Object.fromEntries(Object.entries(members).filter(([key]) => key !== step))
  if (rest.length === 0 && value === ABSENT) return others
  return { ...members, [step]: withValue(members[step] ?? (rest[0] === 0 ? [] : {}), rest, value) }
}

/** The bytes of a manifest, on lines as people write it. */
export function bytesOf(json: Json): Uint8Array {
  return encodeUtf8(JSON.stringify(json, null, 2))
}

/** The manifest of some JSON. */
export function manifestOf(json: Json): Manifest {
  return parseManifest(bytesOf(json))
}
