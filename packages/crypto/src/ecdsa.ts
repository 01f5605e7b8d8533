import { type KeyObject, createPrivateKey, sign, verify } from "node:crypto"
import { p384 } from "@noble/curves/nist.js"
import { hmac } from "@noble/hashes/hmac.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { concatBytes, encodeUtf8 } from "./bytes.ts"
import { CryptoError } from "./error.ts"
import { describeKey } from "./key-type.ts"

const P384_BYTES = 48
const MIN_SECRET_BYTES = 16
const UNCOMPRESSED_POINT = 0x04

/**
 * Derives a P-384 private key from a secret (C2SP det-keygen: HMAC_DRBG with SHA-256, NIST SP 800-90A §10.1.2).
 *
 * @param secret - At least 16 bytes of full entropy. Not kept, not wiped; the caller owns it.
 * @returns A private key, the same for the same secret.
 * @throws {@link CryptoError} `SECRET_SIZE`.
 */
export function deriveP384Key(secret: Uint8Array): KeyObject {
  if (secret.length < MIN_SECRET_BYTES) {
    throw new CryptoError(
      "SECRET_SIZE",
      `expected a secret of at least ${MIN_SECRET_BYTES} bytes, got ${secret.length}`,
    )
  }
  const scalar = generateBytes(concatBytes(secret, encodeUtf8("det ECDSA key gen P-384")))
  // A scalar outside of 1 … n-1 (chance 2^-194) makes noble throw: det-keygen knows no second try for P-384.
  const point = p384.getPublicKey(scalar, false)
  const [x, y] = [point.subarray(1, 1 + P384_BYTES), point.subarray(1 + P384_BYTES)]
  const jwk = { kty: "EC", crv: "P-384", d: encodeBase64Url(scalar), x: encodeBase64Url(x), y: encodeBase64Url(y) }
  return createPrivateKey({ key: jwk, format: "jwk" })
}

/**
 * Signs a digest as it is, without hashing it again (ECDSA P-384, nonce by RFC 6979 with HMAC-SHA-384).
 *
 * node:crypto always hashes what it signs with an EC key, so this is noble's arithmetic.
 *
 * @returns ASN.1 DER signature, the same for the same key and digest.
 * @throws {@link CryptoError} `KEY_TYPE` unless the key is a P-384 private key.
 */
export function signDigest(privateKey: KeyObject, digest: Uint8Array): Uint8Array {
  const { d } = exportP384(privateKey, "private")
  return p384.sign(digest, decodeBase64Url(d), { prehash: false, lowS: false, format: "der" })
}

/**
 * Whether the signature (ASN.1 DER) is the key's over this digest, taken as it is. A broken signature is `false`.
 *
 * @param publicKey - P-384; a private key stands for its public half.
 * @throws {@link CryptoError} `KEY_TYPE` unless the key is a P-384 key.
 */
export function verifyDigest(publicKey: KeyObject, digest: Uint8Array, signature: Uint8Array): boolean {
  const { x, y } = exportP384(publicKey, publicKey.type)
  const point = concatBytes(Uint8Array.of(UNCOMPRESSED_POINT), decodeBase64Url(x), decodeBase64Url(y))
  return p384.verify(signature, digest, point, { prehash: false, lowS: false, format: "der" })
}

/** ECDSA signature (ASN.1 DER) over the SHA-256 of the message, with a key on any curve. */
export function signSha256(privateKey: KeyObject, message: Uint8Array): Uint8Array {
  return new Uint8Array(sign("sha256", message, ecKey(privateKey)))
}

/** Whether the signature (ASN.1 DER) is the key's over the SHA-256 of the message. A broken signature is `false`. */
export function verifySha256(publicKey: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  return verify("sha256", message, ecKey(publicKey), signature)
}

/** The first 48 bytes of a fresh HMAC_DRBG (SP 800-90A §10.1.2.3, §10.1.2.5) that was seeded with the material. */
function generateBytes(material: Uint8Array): Uint8Array {
  let key: Uint8Array = new Uint8Array(32).fill(0x00)
  let value: Uint8Array = new Uint8Array(32).fill(0x01)
  for (const separator of [0x00, 0x01]) {
    key = hmac(sha256, key, concatBytes(value, Uint8Array.of(separator), material))
    value = hmac(sha256, key, value)
  }
  const first = hmac(sha256, key, value)
  const second = hmac(sha256, key, first)
  return concatBytes(first, second).subarray(0, P384_BYTES)
}

function exportP384(key: KeyObject, type: KeyObject["type"]): { d: string; x: string; y: string } {
  if (key.type !== type || key.asymmetricKeyDetails?.namedCurve !== "secp384r1") {
    throw new CryptoError("KEY_TYPE", `expected a P-384 ${type} key, got ${describeKey(key)}`)
  }
  const { d = "", x = "", y = "" } = key.export({ format: "jwk" })
  return { d, x, y }
}

function ecKey(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== "ec") {
    throw new CryptoError("KEY_TYPE", `expected an EC key, got ${describeKey(key)}`)
  }
  return key
}

function encodeBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url")
}

function decodeBase64Url(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64url"))
}
