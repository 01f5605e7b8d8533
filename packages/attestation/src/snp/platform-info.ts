import type { PlatformInfo } from "@contrast/manifest"
import type { Flag } from "./flags.ts"

/** Flags of the platform information (SEV-SNP Firmware ABI, "PLATFORM_INFO"). */
export const PLATFORM_INFO_FLAGS: readonly Flag<keyof PlatformInfo>[] = [
  { name: "smtEnabled", manifestKey: "SMTEnabled", bit: 0n, direction: "allowed" },
  { name: "tsmeEnabled", manifestKey: "TSMEEnabled", bit: 1n, direction: "allowed" },
  { name: "eccEnabled", manifestKey: "ECCEnabled", bit: 2n, direction: "demanded" },
  { name: "raplDisabled", manifestKey: "RAPLDisabled", bit: 3n, direction: "demanded" },
  {
    name: "ciphertextHidingDramEnabled",
    manifestKey: "CiphertextHidingDRAMEnabled",
    bit: 4n,
    direction: "demanded",
  },
  { name: "aliasCheckComplete", manifestKey: "AliasCheckComplete", bit: 5n, direction: "demanded" },
  { name: "tioEnabled", manifestKey: "TIOEnabled", bit: 7n, direction: "allowed" },
]

const KNOWN_BITS = PLATFORM_INFO_FLAGS.reduce((bits, { bit }) => bits | (1n << bit), 0n)

/** Whether no bit is set whose meaning is unknown. */
export function isPlatformInfo(bits: bigint): boolean {
  return (bits & ~KNOWN_BITS) === 0n
}
