import { HandshakeError } from "./error.ts"

/** Reads the presentation language of TLS (RFC 8446 §3) from bytes that an attacker chose. */
export class ByteReader {
  readonly #bytes: Uint8Array
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length
  }

  /** An unsigned big-endian integer of 1 to 3 bytes. */
  uint(size: 1 | 2 | 3): number {
    return this.bytes(size).reduce((value, byte) => value * 256 + byte, 0)
  }

  /** A view of the next bytes. */
  bytes(size: number): Uint8Array {
    const end = this.#offset + size
    if (end > this.#bytes.length) throw new HandshakeError("CLIENT_HELLO", "a length goes beyond the end")
    const view = this.#bytes.subarray(this.#offset, end)
    this.#offset = end
    return view
  }

  /** A vector with a length prefix of so many bytes. */
  vector(lengthSize: 1 | 2 | 3): Uint8Array {
    return this.bytes(this.uint(lengthSize))
  }
}
