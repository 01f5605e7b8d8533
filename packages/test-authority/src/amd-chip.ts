import { generateKeyPairSync, type KeyObject } from "node:crypto"
import type { AmdLine } from "./amd-authority.ts"

/** Which key signs reports: the chip's own, or one that a provider has from AMD. */
export type AmdKeyKind = "VCEK" | "VLEK"

/** A TCB version by its parts; `fmc` counts on Turin only. */
export interface AmdTcb {
  readonly fmc: number
  readonly bootloader: number
  readonly tee: number
  readonly snp: number
  readonly microcode: number
}

/** The firmware that the played chips run. */
export const AMD_TCB: AmdTcb = { fmc: 1, bootloader: 3, tee: 0, snp: 8, microcode: 115 }

const CHIP_ID_BYTES: Readonly<Record<AmdLine, number>> = { Milan: 64, Genoa: 64, Turin: 8 }

const keys = new Map<AmdKeyKind, KeyObject>()

/** The hardware id that the played chip of a line has: 64 bytes, on Turin 8. */
export function amdHardwareId(line: AmdLine): Uint8Array {
  return new Uint8Array(CHIP_ID_BYTES[line]).fill(0xc1)
}

/** The key that signs reports of one kind, made once in a process; every played chip has the same. */
export function amdSigningKey(kind: AmdKeyKind): KeyObject {
  const key = keys.get(kind) ?? generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey
  keys.set(kind, key)
  return key
}

/** The 8 bytes of a TCB version in the layout of the line. */
export function encodeAmdTcb({ fmc, bootloader, tee, snp, microcode }: AmdTcb, line: AmdLine): Uint8Array {
  return line === "Turin"
    ? Uint8Array.of(fmc, bootloader, tee, snp, 0, 0, 0, microcode)
    : Uint8Array.of(bootloader, tee, 0, 0, 0, 0, snp, microcode)
}
