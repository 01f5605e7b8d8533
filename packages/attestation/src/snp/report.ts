import { parseTcbVersion, type TcbVersion } from "./tcb-version.ts"
import { findProductLine, type ProductLine } from "./product-line.ts"

/** Size of an attestation report (SEV-SNP Firmware ABI, table "ATTESTATION_REPORT"). */
export const REPORT_BYTES = 1184

/** The report's signature covers the bytes before this offset. */
export const SIGNED_BYTES = 0x2a0

/** Which key signed: one derived from the chip, or one that a cloud provider has from AMD. */
export type SigningKey = "VCEK" | "VLEK"

/** Firmware version as major, minor, build. */
export type FirmwareVersion = readonly [major: number, minor: number, build: number]

/** An SEV-SNP attestation report, read; nothing in it is authenticated yet. Numbers are little-endian in the bytes. */
export interface SnpReport {
  /** The 1,184 bytes as they came. */
  readonly raw: Uint8Array
  readonly version: number
  readonly guestSvn: number
  /** Guest policy bits. */
  readonly policy: bigint
  readonly familyId: Uint8Array
  readonly imageId: Uint8Array
  readonly vmpl: number
  readonly signatureAlgorithm: number
  readonly platformInfo: bigint
  readonly authorKeyEnabled: boolean
  readonly maskChipKey: boolean
  /** Absent if the report is unsigned or the field has a reserved value. */
  readonly signingKey: SigningKey | undefined
  readonly signingKeyField: number
  readonly reportData: Uint8Array
  readonly measurement: Uint8Array
  readonly hostData: Uint8Array
  readonly idKeyDigest: Uint8Array
  readonly authorKeyDigest: Uint8Array
  readonly reportId: Uint8Array
  readonly reportIdMa: Uint8Array
  readonly chipId: Uint8Array
  readonly tcb: Readonly<Record<TcbName, Uint8Array>>
  readonly currentFirmware: FirmwareVersion
  readonly committedFirmware: FirmwareVersion
  readonly launchMitigationVector: bigint
  readonly currentMitigationVector: bigint
  /** Family, model, stepping; zeros in version 2, which does not carry them. */
  readonly cpuid: { readonly family: number; readonly model: number; readonly stepping: number }
}

/** The four TCB versions of a report. */
export type TcbName = "current" | "reported" | "committed" | "launch"

/** Byte ranges that must be zero in every version. */
const RESERVED: readonly (readonly [offset: number, size: number])[] = [
  [0x04c, 4],
  [0x18b, 21],
  [0x1eb, 1],
  [0x1ef, 1],
  [0x208, 152],
  [0x330, 368],
]

const KEY_INFO_KNOWN_BITS = 0x1f
const SIGNING_KEYS: readonly (SigningKey | undefined)[] = ["VCEK", "VLEK"]

/** Reads the fields of a report of {@link REPORT_BYTES} bytes. Judges nothing but the size. */
export function parseReport(raw: Uint8Array): SnpReport {
  if (raw.length !== REPORT_BYTES) throw new RangeError(`expected ${REPORT_BYTES} bytes, got ${raw.length}`)
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
  const bytes = (offset: number, size: number): Uint8Array => raw.subarray(offset, offset + size)
  const byte = (offset: number): number => view.getUint8(offset)
  const u32 = (offset: number): number => view.getUint32(offset, true)
  const u64 = (offset: number): bigint => view.getBigUint64(offset, true)
  const signingKeyField = (u32(0x048) >>> 2) & 7
  return {
    raw,
    version: u32(0x000),
    guestSvn: u32(0x004),
    policy: u64(0x008),
    familyId: bytes(0x010, 16),
    imageId: bytes(0x020, 16),
    vmpl: u32(0x030),
    signatureAlgorithm: u32(0x034),
    platformInfo: u64(0x040),
    authorKeyEnabled: (u32(0x048) & 1) !== 0,
    maskChipKey: (u32(0x048) & 2) !== 0,
    signingKey: SIGNING_KEYS[signingKeyField],
    signingKeyField,
    reportData: bytes(0x050, 64),
    measurement: bytes(0x090, 48),
    hostData: bytes(0x0c0, 32),
    idKeyDigest: bytes(0x0e0, 48),
    authorKeyDigest: bytes(0x110, 48),
    reportId: bytes(0x140, 32),
    reportIdMa: bytes(0x160, 32),
    chipId: bytes(0x1a0, 64),
    tcb: {
      current: bytes(0x038, 8),
      reported: bytes(0x180, 8),
      committed: bytes(0x1e0, 8),
      launch: bytes(0x1f0, 8),
    },
    currentFirmware: [byte(0x1ea), byte(0x1e9), byte(0x1e8)],
    committedFirmware: [byte(0x1ee), byte(0x1ed), byte(0x1ec)],
    launchMitigationVector: u64(0x1f8),
    currentMitigationVector: u64(0x200),
    cpuid: { family: byte(0x188), model: byte(0x189), stepping: byte(0x18a) },
  }
}

/** Versions whose layout is known. */
export function isKnownVersion({ version }: SnpReport): boolean {
  return version >= 2 && version <= 5
}

/**
 * The reserved bytes and bits that are set, as names of places; empty in an honest report.
 *
 * The spare bytes of TCB versions depend on the product line and are judged with it ({@link parseTcbVersion}).
 */
export function findReservedBitsSet(report: SnpReport): readonly string[] {
  const ranges = [...RESERVED]
  if (report.version < 3) ranges.push([0x188, 3])
  if (report.version < 5) ranges.push([0x1f8, 16])
  const places = ranges
    .filter(([offset, size]) => report.raw.subarray(offset, offset + size).some((value) => value !== 0))
    .map(([offset, size]) => `bytes 0x${offset.toString(16)} to 0x${(offset + size - 1).toString(16)}`)
  const keyInfo = new DataView(report.raw.buffer, report.raw.byteOffset).getUint32(0x048, true)
  if ((keyInfo & ~KEY_INFO_KNOWN_BITS) !== 0) places.push("KEY_INFO bits 31:5")
  return places
}

/**
 * The product line that the report itself names.
 *
 * @returns `undefined` in version 2, which does not say it, and for a processor of no known line.
 */
export function productLineOf(report: SnpReport): ProductLine | undefined {
  return report.version < 3 ? undefined : findProductLine(report.cpuid)
}

/** One of the report's TCB versions in the layout of the product line. */
export function tcbOf(report: SnpReport, name: TcbName, line: ProductLine): TcbVersion | undefined {
  return parseTcbVersion(report.tcb[name], line)
}
