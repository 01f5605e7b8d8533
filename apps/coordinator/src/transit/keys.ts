import { createSecretKey, type KeyObject } from "node:crypto"

/** Derives the 32-byte transit key of a workload secret ID and version. */
export type DeriveTransitKey = (id: string, version: number) => Uint8Array

/** Derived keys kept in each of two generations; deriving one again costs some ten microseconds. */
const KEYS_PER_GENERATION = 2048

interface NamedKey {
  readonly id: string
  readonly version: number
  readonly key: KeyObject
}

/**
 * The transit keys of one seed: derives them when first asked for, and keeps those that were asked for last.
 *
 * They are forgotten a generation at a time: to look for the oldest would cost more than to derive it again, and a caller
 * may ask for another version with every item of a batch.
 */
export class TransitKeys {
  readonly #derive: DeriveTransitKey
  #young = new Map<string, NamedKey>()
  #old: ReadonlyMap<string, NamedKey> = new Map()
  #last: NamedKey | undefined

  constructor(derive: DeriveTransitKey) {
    this.#derive = derive
  }

  get(id: string, version: number): KeyObject {
    // The items of a batch use one key, and most requests that of the one before.
    if (this.#last?.id !== id || this.#last.version !== version) this.#last = this.#find(id, version)
    return this.#last.key
  }

  #find(id: string, version: number): NamedKey {
    const name = `${version}:${id}`
    const young = this.#young.get(name)
    if (young !== undefined) return young
    const named = this.#old.get(name) ?? this.#create(id, version)
    if (this.#young.size >= KEYS_PER_GENERATION) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(name, named)
    return named
  }

  #create(id: string, version: number): NamedKey {
    const secret = this.#derive(id, version)
    const key = createSecretKey(secret)
    secret.fill(0)
    return { id, version, key }
  }
}
