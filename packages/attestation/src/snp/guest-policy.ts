import type { GuestPolicy } from "@contrast/manifest"
import type { Flag } from "./flags.ts"

/** A boolean of the manifest's `GuestPolicy`. */
export type GuestPolicyFlag = Exclude<keyof GuestPolicy, "abiMajor" | "abiMinor">

/** Flags of the guest policy (SEV-SNP Firmware ABI, "POLICY"). */
export const GUEST_POLICY_FLAGS: readonly Flag<GuestPolicyFlag>[] = [
  { name: "smt", manifestKey: "SMT", bit: 16n, direction: "allowed" },
  { name: "migrateMa", manifestKey: "MigrateMA", bit: 18n, direction: "allowed" },
  { name: "debug", manifestKey: "Debug", bit: 19n, direction: "allowed" },
  { name: "singleSocket", manifestKey: "SingleSocket", bit: 20n, direction: "demanded" },
  { name: "cxlAllowed", manifestKey: "CXLAllowed", bit: 21n, direction: "allowed" },
  { name: "memAes256Xts", manifestKey: "MemAES256XTS", bit: 22n, direction: "demanded" },
  { name: "raplDis", manifestKey: "RAPLDis", bit: 23n, direction: "demanded" },
  { name: "cipherTextHidingDram", manifestKey: "CipherTextHidingDRAM", bit: 24n, direction: "demanded" },
  { name: "pageSwapDisable", manifestKey: "PageSwapDisable", bit: 25n, direction: "demanded" },
]

/** Bits that give the host power over the guest's memory, whatever a manifest says. */
export const DEBUG_BIT = 19n
export const MIGRATE_MA_BIT = 18n

/** Bit 17 is always set. */
const ALWAYS_SET = 1n << 17n
/** An unknown bit may be a permission. */
const FIRST_UNKNOWN_BIT = 26n

/** Whether these are the bits of a policy: bit 17 set, and none whose meaning is unknown. */
export function isGuestPolicy(bits: bigint): boolean {
  return (bits & ALWAYS_SET) !== 0n && bits >> FIRST_UNKNOWN_BIT === 0n
}

/** The 64 bits that a launcher puts into the ID block for this policy. */
export function encodeGuestPolicy(policy: GuestPolicy): bigint {
  const flags = GUEST_POLICY_FLAGS.filter(({ name }) => policy[name])
  const abi = (BigInt(policy.abiMajor) << 8n) | BigInt(policy.abiMinor)
  return flags.reduce((bits, { bit }) => bits | (1n << bit), ALWAYS_SET | abi)
}

/** The ABI version of the report's policy. */
export function abiVersionOf(bits: bigint): { readonly major: number; readonly minor: number } {
  return { major: Number((bits >> 8n) & 0xffn), minor: Number(bits & 0xffn) }
}
