import type { KeyObject } from "node:crypto"
import { encodeHex, sha256 } from "@contrast/crypto"

/**
 * A reader that remembers what the last few inputs were read as: the same certificates, lists and statements come with
 * every piece of evidence, and reading them takes longer than verifying them. Only reading is remembered, never a
 * judgement; the same bytes are read the same way, so nobody can tell but by the clock.
 *
 * @param read - Reads bytes into something that never changes. What it throws is not remembered.
 */
export function memoize<T>(read: (bytes: Uint8Array) => T, maxEntries = 32): (bytes: Uint8Array) => T {
  const known = new Map<string, T>()
  return (bytes) => {
    const key = encodeHex(sha256(bytes))
    const value = known.get(key) ?? read(Uint8Array.from(bytes))
    known.delete(key)
    known.set(key, value)
    const [oldest] = known.keys()
    if (known.size > maxEntries && oldest !== undefined) known.delete(oldest)
    return value
  }
}

/** Whether a key made a signature over the bytes. */
export type VerifySignature = (key: KeyObject, signed: Uint8Array, signature: Uint8Array) => boolean

/**
 * A check of signatures that remembers the last good ones of each key. A good signature stays good: it follows from key,
 * bytes and signature alone. Whether that key may sign at this time is not part of it and is checked every time.
 */
export function rememberGood(verify: VerifySignature, maxEntries = 64): VerifySignature {
  const goodOf = new WeakMap<KeyObject, Set<string>>()
  return (key, signed, signature) => {
    const good = goodOf.get(key) ?? new Set()
    // Of fixed length first, so that no other pair of bytes and signature gives the same digest.
    const id = encodeHex(sha256(sha256(signed), signature))
    if (good.has(id)) return true
    if (!verify(key, signed, signature)) return false
    const [oldest] = good
    if (good.size >= maxEntries && oldest !== undefined) good.delete(oldest)
    goodOf.set(key, good.add(id))
    return true
  }
}
