import { type KeyObject, constants, privateDecrypt, publicEncrypt } from "node:crypto"
import { CryptoError } from "./error.ts"

const SCHEME = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" }

/**
 * Encrypts with RSA-OAEP, SHA-256 for the label and for MGF1 (RFC 8017 §7.1).
 *
 * @throws {@link CryptoError} `KEY_SIZE` when the key is too small for the plaintext.
 */
export function sealRsaOaep(publicKey: KeyObject, label: Uint8Array, plaintext: Uint8Array): Uint8Array {
  try {
    return new Uint8Array(publicEncrypt({ key: publicKey, ...SCHEME, oaepLabel: label }, plaintext))
  } catch (cause) {
    throw new CryptoError("KEY_SIZE", `expected an RSA key large enough for ${plaintext.length} bytes`, { cause })
  }
}

/**
 * Decrypts what {@link sealRsaOaep} made.
 *
 * @throws {@link CryptoError} `OPEN_FAILED`, whatever the reason: telling more would help an attacker (RFC 8017 §7.1.2).
 */
export function openRsaOaep(privateKey: KeyObject, label: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  try {
    return new Uint8Array(privateDecrypt({ key: privateKey, ...SCHEME, oaepLabel: label }, ciphertext))
  } catch {
    throw new CryptoError("OPEN_FAILED", "decryption failed: wrong key, label or data")
  }
}
