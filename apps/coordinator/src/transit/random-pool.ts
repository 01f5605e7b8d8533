import { randomFillSync } from "node:crypto"

const POOL_BYTES = 8192

/** Random bytes drawn from the system in larger portions, since a call for 12 bytes costs as much as one for 8 KiB. */
export function createRandomPool(): (size: number) => Uint8Array {
  let pool = Buffer.alloc(0)
  let used = 0
  return (size) => {
    if (used + size > pool.length) {
      pool = randomFillSync(Buffer.allocUnsafeSlow(Math.max(POOL_BYTES, size)))
      used = 0
    }
    used += size
    // Each byte is handed out once; the caller gets its own copy and the pool keeps no trace of data keys.
    const drawn = Uint8Array.prototype.slice.call(pool, used - size, used)
    pool.fill(0, used - size, used)
    return drawn
  }
}
