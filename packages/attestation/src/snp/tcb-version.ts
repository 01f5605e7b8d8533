import type { ProductLine } from "./product-line.ts"

/** The parts of a TCB version; `fmc` exists on Turin only. */
export interface TcbVersion {
  readonly bootloader: number
  readonly tee: number
  readonly snp: number
  readonly microcode: number
  readonly fmc?: number
}

/** Name of one part. */
export type TcbPart = keyof TcbVersion

/** Where each part stands in the 8 bytes; every other byte must be zero. */
const LAYOUTS: Readonly<Record<ProductLine, readonly (readonly [part: TcbPart, offset: number])[]>> = {
  Milan: [
    ["bootloader", 0],
    ["tee", 1],
    ["snp", 6],
    ["microcode", 7],
  ],
  Genoa: [
    ["bootloader", 0],
    ["tee", 1],
    ["snp", 6],
    ["microcode", 7],
  ],
  Turin: [
    ["fmc", 0],
    ["bootloader", 1],
    ["tee", 2],
    ["snp", 3],
    ["microcode", 7],
  ],
}

/** The parts of a line's TCB version, in the order of the bytes. */
export function tcbParts(line: ProductLine): readonly TcbPart[] {
  return LAYOUTS[line].map(([part]) => part)
}

/**
 * Reads a TCB version (SEV-SNP Firmware ABI, "TCB_VERSION"). The line comes first: read with the wrong layout, parts
 * would silently change places.
 *
 * @param bytes - 8 bytes.
 * @returns `undefined` if a spare byte is set.
 */
export function parseTcbVersion(bytes: Uint8Array, line: ProductLine): TcbVersion | undefined {
  const layout = LAYOUTS[line]
  const used = new Set(layout.map(([, offset]) => offset))
  if (bytes.some((value, offset) => value !== 0 && !used.has(offset))) return undefined
  const parts: Partial<Record<TcbPart, number>> = {}
  for (const [part, offset] of layout) parts[part] = bytes[offset] ?? 0
  const { bootloader = 0, tee = 0, snp = 0, microcode = 0, fmc } = parts
  return { bootloader, tee, snp, microcode, ...(fmc !== undefined && { fmc }) }
}

/** The parts in which `version` lies below `minimum`; two versions may lie below each other in different parts. */
export function partsBelow(version: TcbVersion, minimum: TcbVersion): readonly TcbPart[] {
  const parts: readonly TcbPart[] = ["fmc", "bootloader", "tee", "snp", "microcode"]
  return parts.filter((part) => (version[part] ?? 0) < (minimum[part] ?? 0))
}

/** Writes a version for people: `bootloader 3, tee 0, snp 8, microcode 115`. */
export function describeTcbVersion(version: TcbVersion): string {
  return Object.entries(version)
    .map(([part, value]) => `${part} ${String(value)}`)
    .join(", ")
}
