/** Size of the header, in every version (TDX DCAP Quoting Library API, "Quote Header"). */
export const HEADER_BYTES = 48

/** TEE type of TDX; SGX has 0. */
export const TEE_TDX = 0x81
const TEE_SGX = 0

/** ECDSA with P-256. */
export const KEY_TYPE_P256 = 2

/** Intel's quoting enclaves. */
export const INTEL_QE_VENDOR = "939a7233f79c4ca9940a0db3957f0607"

/** The beginning of a quote. */
export interface QuoteHeader {
  /** 3 for SGX; 4, or 5 with a body descriptor. */
  readonly version: number
  readonly attestationKeyType: number
  readonly teeType: number
  /** 2 bytes each; zero in TDX quotes. */
  readonly pceSvn: Uint8Array
  readonly qeSvn: Uint8Array
  /** 16 bytes. */
  readonly qeVendorId: Uint8Array
  /** 20 bytes, often the identity of the quoting enclave. */
  readonly userData: Uint8Array
}

/** Reads the fields of a header of {@link HEADER_BYTES} bytes. Judges nothing. */
export function parseQuoteHeader(bytes: Uint8Array): QuoteHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES)
  const version = view.getUint16(0, true)
  return {
    version,
    attestationKeyType: view.getUint16(2, true),
    // Version 3 has no such field: it is of SGX alone.
    teeType: version === 3 ? TEE_SGX : view.getUint32(4, true),
    pceSvn: bytes.subarray(8, 10),
    qeSvn: bytes.subarray(10, 12),
    qeVendorId: bytes.subarray(12, 28),
    userData: bytes.subarray(28, 48),
  }
}
