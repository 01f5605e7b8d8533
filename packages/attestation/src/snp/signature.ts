import { verify, type KeyObject } from "node:crypto"
import { concatBytes, encodeHex, equalBytes, type Certificate } from "@contrast/crypto"
import { SIGNED_BYTES, type SnpReport } from "./report.ts"

const COMPONENT_BYTES = 72
const SCALAR_BYTES = 48
/** Order of the group of P-384 (FIPS 186-5, SP 800-186). */
const ORDER = BigInt(
  "0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
)

/** How the SubjectPublicKeyInfo of an uncompressed point on P-384 begins (RFC 5480 §2.1.1). */
const P384_POINT = Buffer.from("3076301006072a8648ce3d020106052b8104002203620004", "hex")

/** Whether the certificate's key is a point on P-384, which is the only curve that reports are signed with. */
export function hasP384Key({ subjectPublicKeyInfo }: Certificate): boolean {
  return equalBytes(subjectPublicKeyInfo.subarray(0, P384_POINT.length), P384_POINT)
}

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
