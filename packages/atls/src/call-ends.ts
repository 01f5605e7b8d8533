import type { Metadata } from "@grpc/grpc-js"

/** Knows when calls end: by the metadata that came with them, which is all that interceptors and handlers share. */
export class CallEnds {
  readonly #ends = new WeakMap<Metadata, PromiseWithResolvers<void>>()

  /** Notes that a call has begun. @returns what to do at its end. */
  begin(metadata: Metadata): () => void {
    const end = Promise.withResolvers<void>()
    this.#ends.set(metadata, end)
    return end.resolve
  }

  /** Resolves at the end of the call: when the client has taken its answer, or is gone. */
  of(metadata: Metadata): Promise<void> {
    return this.#ends.get(metadata)?.promise ?? Promise.resolve()
  }
}
