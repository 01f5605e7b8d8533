/** Size of an SGX enclave report. */
export const ENCLAVE_REPORT_BYTES = 384

/** What the processor says of an enclave: the quoting enclave of any quote, or the subject of an SGX quote. */
export interface EnclaveReport {
  readonly kind: "enclave"
  /** The bytes as they came. */
  readonly raw: Uint8Array
  readonly cpuSvn: Uint8Array
  readonly miscSelect: number
  readonly attributes: Uint8Array
  readonly mrEnclave: Uint8Array
  readonly mrSigner: Uint8Array
  readonly isvProdId: number
  readonly isvSvn: number
  readonly reportData: Uint8Array
}

/** Reads a report of {@link ENCLAVE_REPORT_BYTES} bytes (SGX ECDSA Quote Library API, "Enclave Report Body"). */
export function parseEnclaveReport(raw: Uint8Array): EnclaveReport {
  const view = new DataView(raw.buffer, raw.byteOffset, ENCLAVE_REPORT_BYTES)
  return {
    kind: "enclave",
    raw,
    cpuSvn: raw.subarray(0, 16),
    miscSelect: view.getUint32(16, true),
    attributes: raw.subarray(48, 64),
    mrEnclave: raw.subarray(64, 96),
    mrSigner: raw.subarray(128, 160),
    isvProdId: view.getUint16(256, true),
    isvSvn: view.getUint16(258, true),
    reportData: raw.subarray(320, 384),
  }
}
