import type { Metadata } from "@grpc/grpc-js"

/** Knows when calls end: by the metadata that came with them, which is all that interceptors and handlers share. */
export class CallEnds {
  readonly #ends = new WeakMap<Metadata, Promise<void>>()

  /** Notes that a call has begun. @returns what to do at its end. */
  begin(metadata: Metadata): () => void {
    let end = (): void => undefined
    this.#ends.set(metadata, new Promise((resolve) => (end = resolve)))
    return end
  }

  /** Resolves at the end of the call: when the client has taken its answer, or is gone. */
  of(metadata: Metadata): Promise<void> {
    return this.#ends.get(metadata) ?? Promise.resolve()
  }
}
