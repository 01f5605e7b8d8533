import { type KeyObject, createCipheriv, createDecipheriv } from "node:crypto"
import { concatBytes } from "./bytes.ts"
import { CryptoError } from "./error.ts"

const CIPHER = "aes-256-gcm"
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** What sealing and opening share. The nonce must never repeat under one key. */
export interface Aes256GcmInputs {
  /** 32 bytes, or a secret KeyObject of that size. */
  readonly key: Uint8Array | KeyObject
  /** 12 bytes. */
  readonly nonce: Uint8Array
  /** Authenticated, not encrypted; absent is the same as empty. */
  readonly associatedData?: Uint8Array
}

/**
 * Encrypts with AES-256-GCM (NIST SP 800-38D).
 *
 * @returns ciphertext ‖ 16-byte tag.
 * @throws {@link CryptoError} `KEY_SIZE` or `NONCE_SIZE`.
 */
export function sealAes256Gcm(inputs: Aes256GcmInputs & { readonly plaintext: Uint8Array }): Uint8Array {
  checkSizes(inputs)
  const cipher = createCipheriv(CIPHER, inputs.key, inputs.nonce, { authTagLength: TAG_BYTES })
  if (inputs.associatedData !== undefined) cipher.setAAD(inputs.associatedData)
  const body = cipher.update(inputs.plaintext)
  return concatBytes(body, cipher.final(), cipher.getAuthTag())
}

/**
 * Decrypts what {@link sealAes256Gcm} made.
 *
 * @throws {@link CryptoError} `OPEN_FAILED` when anything was changed or cut (nothing of the plaintext comes out),
 *   `KEY_SIZE` or `NONCE_SIZE`.
 */
export function openAes256Gcm(inputs: Aes256GcmInputs & { readonly ciphertext: Uint8Array }): Uint8Array {
  checkSizes(inputs)
  const tagOffset = inputs.ciphertext.length - TAG_BYTES
  if (tagOffset < 0) {
    throw new CryptoError("OPEN_FAILED", `expected at least ${TAG_BYTES} bytes, got ${inputs.ciphertext.length}`)
  }
  const decipher = createDecipheriv(CIPHER, inputs.key, inputs.nonce, { authTagLength: TAG_BYTES })
  if (inputs.associatedData !== undefined) decipher.setAAD(inputs.associatedData)
  decipher.setAuthTag(inputs.ciphertext.subarray(tagOffset))
  const body = decipher.update(inputs.ciphertext.subarray(0, tagOffset))
  try {
    return concatBytes(body, decipher.final())
  } catch (cause) {
    throw new CryptoError("OPEN_FAILED", "decryption failed: wrong key, nonce or data", { cause })
  }
}

function checkSizes({ key, nonce }: Aes256GcmInputs): void {
  const keyBytes = key instanceof Uint8Array ? key.length : key.symmetricKeySize
  if (keyBytes !== KEY_BYTES) {
    throw new CryptoError("KEY_SIZE", `expected a secret key of ${KEY_BYTES} bytes, got ${keyBytes ?? "another kind"}`)
  }
  if (nonce.length !== NONCE_BYTES) {
    throw new CryptoError("NONCE_SIZE", `expected a nonce of ${NONCE_BYTES} bytes, got ${nonce.length}`)
  }
}
