import { createPublicKey, verify, type KeyObject } from "node:crypto"
import { encodeHex, equalBytes, type Certificate } from "@contrast/crypto"
import { rememberGood, type VerifySignature } from "../memo.ts"

/** ECDSA with SHA-256, no parameters (RFC 5758 §3.2). */
const ECDSA_SHA256 = Buffer.from("300a06082a8648ce3d040302", "hex")
/** Order of the group of P-256 (FIPS 186-5, SP 800-186). */
const ORDER = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
const SCALAR_BYTES = 32
/** How the SubjectPublicKeyInfo of an uncompressed point on P-256 begins (RFC 5480 §2.1.1). */
const P256_POINT = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d03010703420004", "hex")

/** Whether an AlgorithmIdentifier (DER) is the one that Intel signs certificates and CRLs with. */
export function isIntelAlgorithm(identifier: Uint8Array): boolean {
  return equalBytes(identifier, ECDSA_SHA256)
}

/** Whether the certificate's key is a point on P-256, which is the only curve that Intel uses. */
export function hasP256Key({ subjectPublicKeyInfo }: Certificate): boolean {
  return equalBytes(subjectPublicKeyInfo.subarray(0, P256_POINT.length), P256_POINT)
}

/** Whether the key made this signature of a certificate or CRL: ECDSA with SHA-256, in DER. The caller knows the curve. */
export const verifyDerSignature: VerifySignature = rememberGood((key, signed, signature) =>
  verify("sha256", signed, key, signature),
)

/** Whether a signature of 64 bytes is R and S with 0 < R, S < n, big-endian. */
export function isInRange(signature: Uint8Array): boolean {
  const scalars = [signature.subarray(0, SCALAR_BYTES), signature.subarray(SCALAR_BYTES)]
  return (
    signature.length === 2 * SCALAR_BYTES &&
    scalars.map((scalar) => BigInt(`0x${encodeHex(scalar)}`)).every((value) => value > 0n && value < ORDER)
  )
}

/** Whether the key, which the caller knows to be on P-256, made this signature: ECDSA with SHA-256, R and S in range. */
export function verifyRawSignature(key: KeyObject, signed: Uint8Array, signature: Uint8Array): boolean {
  return isInRange(signature) && verify("sha256", signed, { key, dsaEncoding: "ieee-p1363" }, signature)
}

/** {@link verifyRawSignature} of what comes with many quotes: TCB info and QE identity. */
export const verifyStatementSignature: VerifySignature = rememberGood(verifyRawSignature)

/** The key of a point, X and Y; `undefined` if it is not on P-256. */
export function findPublicKey(point: Uint8Array): KeyObject | undefined {
  const coordinate = (offset: number): string =>
    Buffer.from(point.subarray(offset, offset + SCALAR_BYTES)).toString("base64url")
  try {
    return createPublicKey({
      format: "jwk",
      key: { kty: "EC", crv: "P-256", x: coordinate(0), y: coordinate(SCALAR_BYTES) },
    })
  } catch {
    return undefined
  }
}
