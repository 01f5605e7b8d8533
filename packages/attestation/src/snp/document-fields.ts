/** Key of the revocation list among the chain's extras. */
export const CRL_KEY: string = "00569ee4-e480-4fba-bbf4-45b629901180"

/** How a field of the message goes back into the report. */
export interface Field {
  readonly offset: number
  /** Bytes, or the size of a little-endian number. */
  readonly kind: "bytes" | "number"
  readonly size: number
}

const bytes = (offset: number, size: number): Field => ({ offset, kind: "bytes", size })
const number = (offset: number, size: number): Field => ({ offset, kind: "number", size })

/** Fields of `sevsnp.Report` by their number, 1 to 31. What no field carries is reserved and stays zero. */
export const REPORT_FIELDS: Readonly<Record<number, Field>> = {
  1: number(0x000, 4),
  2: number(0x004, 4),
  3: number(0x008, 8),
  4: bytes(0x010, 16),
  5: bytes(0x020, 16),
  6: number(0x030, 4),
  7: number(0x034, 4),
  8: number(0x038, 8),
  9: number(0x040, 8),
  10: number(0x048, 4),
  11: bytes(0x050, 64),
  12: bytes(0x090, 48),
  13: bytes(0x0c0, 32),
  14: bytes(0x0e0, 48),
  15: bytes(0x110, 48),
  16: bytes(0x140, 32),
  17: bytes(0x160, 32),
  18: number(0x180, 8),
  19: bytes(0x1a0, 64),
  20: number(0x1e0, 8),
  21: number(0x1e8, 1),
  22: number(0x1e9, 1),
  23: number(0x1ea, 1),
  24: number(0x1ec, 1),
  25: number(0x1ed, 1),
  26: number(0x1ee, 1),
  27: number(0x1f0, 8),
  28: bytes(0x2a0, 512),
  30: number(0x1f8, 8),
  31: number(0x200, 8),
}

/** `cpuid1eax_fms`: family, model and stepping as CPUID leaf 1 has them in EAX. */
export const CPUID_FIELD = 29
/** Where the report has family, model and stepping, one byte each; version 2 does not have them. */
export const CPUID_OFFSET = 0x188
