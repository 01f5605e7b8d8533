import { sign, type KeyObject } from "node:crypto"
import type { AmdLine } from "./amd-authority.ts"
import { AMD_TCB, amdHardwareId, amdSigningKey, encodeAmdTcb, type AmdKeyKind } from "./amd-chip.ts"

/** What a report says. By default all of it is as an honest platform would have it. */
export interface AmdReportOptions {
  readonly line?: AmdLine
  readonly kind?: AmdKeyKind
  /** 2 to 5. */
  readonly version?: number
  /** Guest policy bits. */
  readonly policy?: bigint
  /** 64 bytes. */
  readonly reportData: Uint8Array
  /** 48 bytes. */
  readonly measurement: Uint8Array
  /** 32 bytes. */
  readonly hostData: Uint8Array
  /** 48 bytes. */
  readonly idKeyDigest: Uint8Array
  /** Changes the report before it is signed. */
  readonly change?: (view: DataView) => void
  readonly key?: KeyObject
}

/** Guest policy with bit 17, which is always set, and SMT. */
export const AMD_POLICY = 0x30000n

const REPORT_BYTES = 1184
const SIGNED_BYTES = 0x2a0
const SCALAR_BYTES = 48
const COMPONENT_BYTES = 72
const GUEST_SVN = 2
const TCB_OFFSETS: readonly number[] = [0x038, 0x180, 0x1e0, 0x1f0]
const FIRMWARE_OFFSETS: readonly number[] = [0x1e8, 0x1ec]
/** Family, model, stepping. */
const CPUIDS: Readonly<Record<AmdLine, readonly number[]>> = {
  Milan: [0x19, 0x01, 0x01],
  Genoa: [0x19, 0x11, 0x01],
  Turin: [0x1a, 0x02, 0x01],
}

/** An SEV-SNP report that the played chip has signed, 1,184 bytes. */
export function signAmdReport(options: AmdReportOptions): Uint8Array {
  const { kind = "VCEK", key = amdSigningKey(kind), change = () => undefined } = options
  const report = fillReport(options)
  change(new DataView(report.buffer))
  const signature = sign("sha384", report.subarray(0, SIGNED_BYTES), { key, dsaEncoding: "ieee-p1363" })
  report.set(signature.subarray(0, SCALAR_BYTES).toReversed(), SIGNED_BYTES)
  report.set(signature.subarray(SCALAR_BYTES).toReversed(), SIGNED_BYTES + COMPONENT_BYTES)
  return report
}

function fillReport(options: AmdReportOptions): Uint8Array {
  const { line = "Milan", kind = "VCEK", version = 3, policy = AMD_POLICY } = options
  const report = new Uint8Array(REPORT_BYTES)
  const view = new DataView(report.buffer)
  view.setUint32(0x000, version, true)
  view.setUint32(0x004, GUEST_SVN, true)
  view.setBigUint64(0x008, policy, true)
  view.setUint32(0x034, 1, true) // ECDSA P-384 with SHA-384
  view.setBigUint64(0x040, 1n, true) // SMT
  view.setUint32(0x048, kind === "VCEK" ? 0 : 1 << 2, true)
  report.set(options.reportData, 0x050)
  report.set(options.measurement, 0x090)
  report.set(options.hostData, 0x0c0)
  report.set(options.idKeyDigest, 0x0e0)
  report.fill(0xff, 0x160, 0x180) // no migration agent
  if (version >= 3) report.set(CPUIDS[line], 0x188)
  // A VLEK names no chip.
  if (kind === "VCEK") report.set(amdHardwareId(line), 0x1a0)
  for (const offset of TCB_OFFSETS) report.set(encodeAmdTcb(AMD_TCB, line), offset)
  for (const offset of FIRMWARE_OFFSETS) report.set([4, 52, 1], offset)
  return report
}
