/** A client has to send this many parts before they are moved, so what comes in one or a few is left where it is. */
const PARTS_LEFT = 16

/** Parts of this size are well worth the some hundred bytes that each takes beside its own. */
const LARGE_BYTES = 2 * 1024

const BLOCK_BYTES = 32 * 1024

/**
 * The bytes of a body as they come. How many parts they come in is up to the client, so small ones are moved together:
 * a chunk of one byte would be held in hundreds.
 */
export class BodyParts {
  readonly #parts: Uint8Array[] = []
  #size = 0
  #block: Uint8Array = new Uint8Array(0)
  /** What small parts have filled of the block, and how far that is among the parts already. */
  #filled = 0
  #listed = 0

  /** Of all parts. */
  get size(): number {
    return this.#size
  }

  /** @param part - Kept; the caller must leave it as it is. */
  add(part: Uint8Array): void {
    this.#size += part.length
    if (part.length < LARGE_BYTES && this.#parts.length >= PARTS_LEFT) {
      this.#move(part)
      return
    }
    this.#list()
    this.#parts.push(part)
  }

  /** All bytes in order. Nothing may be added afterwards. */
  join(): Uint8Array {
    this.#list()
    const [only] = this.#parts
    return this.#parts.length === 1 && only !== undefined ? only : Buffer.concat(this.#parts, this.#size)
  }

  #move(part: Uint8Array): void {
    if (this.#filled + part.length > this.#block.length) {
      this.#list()
      this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES)
      this.#filled = 0
      this.#listed = 0
    }
    this.#block.set(part, this.#filled)
    this.#filled += part.length
  }

  /** Gives what small parts have filled its place behind the parts before. */
  #list(): void {
    if (this.#filled === this.#listed) return
    this.#parts.push(this.#block.subarray(this.#listed, this.#filled))
    this.#listed = this.#filled
  }
}
