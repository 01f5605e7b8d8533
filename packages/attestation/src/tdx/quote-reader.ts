import { TdxQuoteError, type TdxQuoteErrorCode } from "./quote-error.ts"

/** Reads one part of a quote from its beginning to its end and never past it. Numbers are little-endian. */
export class QuoteReader {
  readonly #bytes: Uint8Array
  readonly #code: TdxQuoteErrorCode
  #offset = 0

  /** @param code - The refusal when the part is shorter than what it has to hold, or longer. */
  constructor(bytes: Uint8Array, code: TdxQuoteErrorCode) {
    this.#bytes = bytes
    this.#code = code
  }

  /** How many bytes have been read. */
  get offset(): number {
    return this.#offset
  }

  take(size: number): Uint8Array {
    const left = this.#bytes.length - this.#offset
    if (size > left) throw new TdxQuoteError(this.#code, `expected ${size} bytes, ${left} are left`)
    this.#offset += size
    return this.#bytes.subarray(this.#offset - size, this.#offset)
  }

  u16(): number {
    const [low = 0, high = 0] = this.take(2)
    return low | (high << 8)
  }

  u32(): number {
    return this.u16() + this.u16() * 0x1_0000
  }

  /** A reader of the next `size` bytes; `code` refuses a size that is more than is left. */
  part(size: number, code: TdxQuoteErrorCode): QuoteReader {
    const left = this.#bytes.length - this.#offset
    if (size > left) throw new TdxQuoteError(code, `declares ${size} bytes, ${left} are left`)
    return new QuoteReader(this.take(size), code)
  }

  /** All that has not been read. */
  rest(): Uint8Array {
    return this.take(this.#bytes.length - this.#offset)
  }

  /** Refuses anything that has not been read. */
  end(): void {
    const left = this.#bytes.length - this.#offset
    if (left > 0) throw new TdxQuoteError(this.#code, `${left} bytes are left over`)
  }
}
