import { Counter, type Registry } from "prom-client"
import type { Log } from "../log.ts"
import type { KeyCount } from "./encryption-counts.ts"

/** Messages that one key may encrypt under random 96-bit nonces (NIST SP 800-38D §8.3). */
export const MESSAGE_LIMIT: number = 2 ** 32

/** A quarter of the limit leaves time to move to the next `key_version`, and room for counts lost in restarts. */
export const MESSAGE_WARNING: number = MESSAGE_LIMIT / 4

/** In this time a key encrypts some ten million messages, which is little beside the quarter of the limit. */
const LOOK_EVERY_MS = 10_000

/** Options of {@link LimitWatch}. */
export interface LimitWatchOptions {
  /** The counts of every thread; those of one key are added up. */
  readonly counts: () => Promise<readonly KeyCount[]>
  readonly registry: Registry
  readonly log: Pick<Log, "warn">
  /** Messages under one key at which its owner is told to move on; {@link MESSAGE_WARNING} if absent. */
  readonly warnAt?: number | undefined
}

/** Warns, once per key and in log and metric, when a key nears {@link MESSAGE_LIMIT}. */
export class LimitWatch {
  readonly #options: LimitWatchOptions
  readonly #nearLimit: Counter
  readonly #warned = new Set<string>()
  readonly #timer: NodeJS.Timeout

  /** Looks by itself from now on. */
  constructor(options: LimitWatchOptions) {
    this.#options = options
    this.#nearLimit = new Counter({
      name: "contrast_transit_keys_near_limit_total",
      help: "Keys that have encrypted a quarter of what they may: time to use the next key_version.",
      registers: [options.registry],
    })
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref()
  }

  /** Looks at once. */
  async look(): Promise<void> {
    const { counts, warnAt = MESSAGE_WARNING } = this.#options
    for (const [name, count] of addUp(await counts())) {
      if (count.messages >= warnAt && !this.#warned.has(name)) this.#warn(name, count)
    }
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #warn(name: string, { id, version }: KeyCount): void {
    this.#warned.add(name)
    this.#nearLimit.inc()
    this.#options.log.warn("a transit key nears the number of messages that it may encrypt; use the next key_version", {
      event: "transit-key-near-limit",
      workloadSecretId: id,
      version,
    })
  }
}

function addUp(counts: readonly KeyCount[]): ReadonlyMap<string, KeyCount> {
  const sums = new Map<string, KeyCount>()
  for (const { id, version, messages } of counts) {
    const name = `${version} ${id}`
    sums.set(name, { id, version, messages: (sums.get(name)?.messages ?? 0) + messages })
  }
  return sums
}
