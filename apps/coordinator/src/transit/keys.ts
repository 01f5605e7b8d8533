import { createSecretKey, type KeyObject } from "node:crypto"

/** Derives the 32-byte transit key of a workload secret ID and version. */
export type DeriveTransitKey = (id: string, version: number) => Uint8Array

/** Told about the use of keys; a key is named by its ID and version, never by its bytes. */
export interface KeyEvents {
  /** Messages were encrypted under a key. */
  encrypted(id: string, version: number, messages: number): void
  /** A key comes near {@link MESSAGE_LIMIT}; told once per key. */
  nearLimit(id: string, version: number, messages: number): void
}

/** Messages that one key may encrypt under random 96-bit nonces (NIST SP 800-38D §8.3). */
export const MESSAGE_LIMIT: number = 2 ** 32

/** A quarter of the limit leaves time to move to the next `key_version`, and room for counts lost in restarts. */
export const MESSAGE_WARNING: number = MESSAGE_LIMIT / 4

/** Derived keys kept; deriving one again costs some ten microseconds. */
const MAX_CACHED_KEYS = 4096

interface CountedKey {
  readonly id: string
  readonly version: number
  readonly key: KeyObject
  messages: number
}

/**
 * The transit keys of one seed: derives them when first asked for, and counts what each has encrypted since the
 * process started.
 */
export class TransitKeys {
  readonly #derive: DeriveTransitKey
  readonly #events: KeyEvents
  readonly #warnAt: number
  readonly #keys = new Map<string, CountedKey>()
  #last: CountedKey | undefined

  /** @param warnAt - Messages of one key at which its owner is told to move to the next `key_version`. */
  constructor(derive: DeriveTransitKey, events: KeyEvents, warnAt: number = MESSAGE_WARNING) {
    this.#derive = derive
    this.#events = events
    this.#warnAt = warnAt
  }

  /** The key for decryption. */
  get(id: string, version: number): KeyObject {
    return this.#counted(id, version).key
  }

  /** The key for encrypting one message, which is counted. */
  use(id: string, version: number): KeyObject {
    const counted = this.#counted(id, version)
    counted.messages += 1
    this.#events.encrypted(id, version, 1)
    if (counted.messages === this.#warnAt) this.#events.nearLimit(id, version, counted.messages)
    return counted.key
  }

  #counted(id: string, version: number): CountedKey {
    // The items of a batch use one key, and most requests that of the one before.
    if (this.#last?.id !== id || this.#last.version !== version) this.#last = this.#find(id, version)
    return this.#last
  }

  #find(id: string, version: number): CountedKey {
    const name = `${version}:${id}`
    const known = this.#keys.get(name)
    if (known !== undefined) return known
    const secret = this.#derive(id, version)
    const fresh = { id, version, key: createSecretKey(secret), messages: 0 }
    secret.fill(0)
    this.#evictOldest()
    this.#keys.set(name, fresh)
    return fresh
  }

  #evictOldest(): void {
    if (this.#keys.size < MAX_CACHED_KEYS) return
    for (const [oldest, { messages }] of this.#keys) {
      // A key that has encrypted is kept, so that its count is not lost, unless every key has.
      if (messages === 0) return void this.#keys.delete(oldest)
    }
    const [first] = this.#keys.keys()
    if (first !== undefined) this.#keys.delete(first)
  }
}
