import { verify, type KeyObject } from "node:crypto"
import { concatBytes, encodeHex } from "@contrast/crypto"
import { SIGNED_BYTES, type SnpReport } from "./report.ts"

const COMPONENT_BYTES = 72
const SCALAR_BYTES = 48
/** Order of the group of P-384 (FIPS 186-5, SP 800-186). */
const ORDER = BigInt(
  "0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
)

/** R and S of a report, big-endian, 96 bytes; `undefined` unless 0 < R, S < n and all upper bytes are zero. */
export function readSignature({ raw }: SnpReport): Uint8Array | undefined {
  const r = readScalar(raw.subarray(SIGNED_BYTES, SIGNED_BYTES + COMPONENT_BYTES))
  const s = readScalar(raw.subarray(SIGNED_BYTES + COMPONENT_BYTES, SIGNED_BYTES + 2 * COMPONENT_BYTES))
  return r && s && concatBytes(r, s)
}

/** Whether the key signed the report: ECDSA P-384 with SHA-384 over the bytes before the signature. */
export function verifyReportSignature({ raw }: SnpReport, signature: Uint8Array, key: KeyObject): boolean {
  return verify("sha384", raw.subarray(0, SIGNED_BYTES), { key, dsaEncoding: "ieee-p1363" }, signature)
}

function readScalar(littleEndian: Uint8Array): Uint8Array | undefined {
  // A Buffer's slice shares its bytes, and reversing those would change the report that is being looked at.
  const scalar = littleEndian.subarray(0, SCALAR_BYTES).toReversed()
  const value = BigInt(`0x${encodeHex(scalar)}`)
  const inRange = value > 0n && value < ORDER && littleEndian.subarray(SCALAR_BYTES).every((byte) => byte === 0)
  return inRange ? scalar : undefined
}
