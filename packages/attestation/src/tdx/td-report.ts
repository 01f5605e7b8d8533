/** Sizes of a TD report body in TDX 1.0 and 1.5. */
export const TD_REPORT_BYTES = 584
export const TD_REPORT_15_BYTES = 648

const MEASUREMENT_BYTES = 48
const FIRST_RTMR = 328
const RTMRS = [0, 1, 2, 3] as const

/** What a quote says of a TD (TDX Module ABI, "TDREPORT"). */
export interface TdReport {
  readonly kind: "td"
  /** 16 numbers: minor version of the TDX module, its major version, microcode and so on. */
  readonly teeTcbSvn: Uint8Array
  readonly mrSeam: Uint8Array
  readonly mrSignerSeam: Uint8Array
  readonly seamAttributes: Uint8Array
  readonly tdAttributes: Uint8Array
  readonly xfam: Uint8Array
  readonly mrTd: Uint8Array
  /** 48 bytes; the first 32 are the host data. */
  readonly mrConfigId: Uint8Array
  readonly mrOwner: Uint8Array
  readonly mrOwnerConfig: Uint8Array
  /** Four registers of 48 bytes. */
  readonly rtmrs: readonly Uint8Array[]
  /** 64 bytes. */
  readonly reportData: Uint8Array
  /** TDX 1.5: the module that runs now, which may be newer than the one at launch. */
  readonly teeTcbSvn2: Uint8Array | undefined
  /** TDX 1.5: digest of the bound service TDs; zero if there are none. */
  readonly mrServiceTd: Uint8Array | undefined
}

/** Reads a body of {@link TD_REPORT_BYTES} or {@link TD_REPORT_15_BYTES} bytes. Judges nothing. */
export function parseTdReport(bytes: Uint8Array): TdReport {
  const field = (offset: number, size: number): Uint8Array => bytes.subarray(offset, offset + size)
  const measurement = (offset: number): Uint8Array => field(offset, MEASUREMENT_BYTES)
  const isVersion15 = bytes.length === TD_REPORT_15_BYTES
  return {
    kind: "td",
    teeTcbSvn: field(0, 16),
    mrSeam: measurement(16),
    mrSignerSeam: measurement(64),
    seamAttributes: field(112, 8),
    tdAttributes: field(120, 8),
    xfam: field(128, 8),
    mrTd: measurement(136),
    mrConfigId: measurement(184),
    mrOwner: measurement(232),
    mrOwnerConfig: measurement(280),
    rtmrs: RTMRS.map((index) => measurement(FIRST_RTMR + index * MEASUREMENT_BYTES)),
    reportData: field(520, 64),
    teeTcbSvn2: isVersion15 ? field(584, 16) : undefined,
    mrServiceTd: isVersion15 ? measurement(600) : undefined,
  }
}
