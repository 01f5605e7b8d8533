import { constants, type ServerHttp2Stream } from "node:http2"
import { ProtocolError } from "@contrast/protocol"
import type { MessageBudget, MessageShare } from "./message-budget.ts"

/** Of a chunk, besides its bytes: a message that comes byte by byte takes more memory than it is long. */
const CHUNK_OVERHEAD_BYTES = 256

/** A flag and a length of 32 bits before each message (gRPC over HTTP/2, "Length-Prefixed-Message"). */
const PREFIX_BYTES = 5

/** How a request is received. */
export interface RequestOptions {
  readonly budget: MessageBudget
  /** From the headers of a call to the end of its request. */
  readonly receiveTimeoutMs: number
  /** Of the message. */
  readonly maxRequestBytes: number
  /** Ends the call. */
  readonly refuse: (reason: ProtocolError) => void
  /** All of it is there. */
  readonly completed: () => void
}

/**
 * The request of a call. It comes in within the budget of all of them, the size of its method and the time for each, or it is
 * refused. It has its share of the budget as long as it is in memory: until the call ends, or a handler that has it answers.
 */
export class IncomingRequest {
  readonly #stream: ServerHttp2Stream
  readonly #share: MessageShare
  readonly #timer: NodeJS.Timeout
  readonly #prefix = Buffer.alloc(PREFIX_BYTES)
  #received = 0
  #lastBuffer: ArrayBufferLike | undefined
  #isComplete = false
  #isHandled = false

  constructor(stream: ServerHttp2Stream, options: RequestOptions) {
    const { budget, receiveTimeoutMs, maxRequestBytes, refuse, completed } = options
    this.#stream = stream
    this.#share = budget.open(() => {
      refuse(new ProtocolError("LIMIT", "there is no room for a message of this size while others are being received"))
    })
    this.#timer = setTimeout(() => {
      refuse(new ProtocolError("TIMEOUT", `the request was not complete within ${receiveTimeoutMs} ms`))
    }, receiveTimeoutMs)
    // Before gRPC sees the chunk: a call that was refused by then takes it no more.
    this.#stream.prependListener("data", (chunk: Buffer) => {
      this.#share.grow(this.#costOf(chunk))
      const fault = this.#findFault(chunk, maxRequestBytes)
      if (fault !== undefined) refuse(fault)
    })
    // Before gRPC sees the end as well: it may answer at once.
    this.#stream.prependOnceListener("end", () => {
      this.#isComplete = true
      this.#receiveNoMore()
      // The chunks have become one message.
      this.#share.complete(this.#received + CHUNK_OVERHEAD_BYTES)
      completed()
    })
  }

  /** A handler has it from now on, and keeps it even if the call ends. */
  handle(): void {
    this.#isHandled = true
  }

  /** The handler has answered, and needs it no more. */
  letGo(): void {
    this.#share.close()
  }

  /** The call has ended. What a client still sends of its request would be kept as long as the client likes. */
  end(): void {
    this.#receiveNoMore()
    if (!this.#isHandled) this.letGo()
    if (!this.#isComplete) this.#stream.close(constants.NGHTTP2_NO_ERROR)
  }

  #receiveNoMore(): void {
    clearTimeout(this.#timer)
    this.#lastBuffer = undefined
  }

  /** A chunk is a view, and keeps all of what was read from the socket at once: a byte of data among much else as well. */
  #costOf({ buffer }: Buffer): number {
    const isKept = buffer === this.#lastBuffer
    this.#lastBuffer = buffer
    return CHUNK_OVERHEAD_BYTES + (isKept ? 0 : buffer.byteLength)
  }

  /** What is compressed, or comes after the message, would be unpacked at once: a thousand times what was received. */
  #findFault(chunk: Buffer, maxRequestBytes: number): ProtocolError | undefined {
    if (this.#received < PREFIX_BYTES) chunk.copy(this.#prefix, this.#received)
    this.#received += chunk.length
    if (this.#prefix[0] !== 0) return new ProtocolError("REQUEST", "compressed messages are not taken")
    if (this.#received < PREFIX_BYTES) return undefined
    const announced = this.#prefix.readUInt32BE(1)
    if (announced > maxRequestBytes) {
      return new ProtocolError("LIMIT", `expected at most ${maxRequestBytes} bytes, got ${announced}`)
    }
    const isTooLong = this.#received - PREFIX_BYTES > announced
    return isTooLong ? new ProtocolError("REQUEST", "there is more than one message") : undefined
  }
}
