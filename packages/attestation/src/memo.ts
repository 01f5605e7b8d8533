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
    const value = known.get(key) ?? read(bytes.slice())
    known.delete(key)
    known.set(key, value)
    const [oldest] = known.keys()
    if (known.size > maxEntries && oldest !== undefined) known.delete(oldest)
    return value
  }
}
