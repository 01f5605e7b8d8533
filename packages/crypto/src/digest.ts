import { createHash } from "node:crypto"

/** SHA-256 (32 bytes) over the parts, one after the other. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return digest("sha256", parts)
}

/** SHA-384 (48 bytes) over the parts, one after the other. */
export function sha384(...parts: readonly Uint8Array[]): Uint8Array {
  return digest("sha384", parts)
}

/** SHA-512 (64 bytes) over the parts, one after the other. */
export function sha512(...parts: readonly Uint8Array[]): Uint8Array {
  return digest("sha512", parts)
}

function digest(algorithm: "sha256" | "sha384" | "sha512", parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash(algorithm)
  for (const part of parts) {
    hash.update(part)
  }
  return new Uint8Array(hash.digest())
}
