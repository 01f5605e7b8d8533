/** What a message has of the budget. */
export interface MessageShare {
  /** More of it has come. */
  grow(bytes: number): void
  /** It is complete, and takes so much from now on. It is not refused any more: somebody works at what it asks for. */
  complete(bytes: number): void
  /** It is no longer in memory. */
  close(): void
}

interface Share {
  readonly refuse: () => void
  bytes: number
  isComplete: boolean
}

/**
 * Bounds the memory of messages over all connections of a server. Where it ends, the largest of those that are not complete yet
 * is refused, not the newest: whoever fills the budget and waits must not keep small requests out.
 */
export class MessageBudget {
  readonly #total: number
  readonly #shares = new Set<Share>()
  #taken = 0

  /** @param bytes - Of all messages together. */
  constructor(bytes: number) {
    this.#total = bytes
  }

  /**
   * Enters a message of which nothing has come yet.
   *
   * @param refuse - Refuses it, and lets go of what has come. Its share is closed by then.
   */
  open(refuse: () => void): MessageShare {
    const share: Share = { refuse, bytes: 0, isComplete: false }
    this.#shares.add(share)
    return {
      grow: (bytes) => {
        this.#grow(share, bytes)
      },
      complete: (bytes) => {
        this.#complete(share, bytes)
      },
      close: () => {
        this.#close(share)
      },
    }
  }

  #grow(share: Share, bytes: number): void {
    if (!this.#shares.has(share)) return
    share.bytes += bytes
    this.#taken += bytes
    // What has grown is not complete, and the largest is at least as large as what was added, so that one is enough.
    if (this.#taken > this.#total) this.#refuseLargest()
  }

  #complete(share: Share, bytes: number): void {
    if (!this.#shares.has(share)) return
    this.#taken += bytes - share.bytes
    share.bytes = bytes
    share.isComplete = true
  }

  #refuseLargest(): void {
    let largest: Share | undefined
    for (const share of this.#shares) {
      if (!share.isComplete && share.bytes > (largest?.bytes ?? -1)) largest = share
    }
    if (largest === undefined) return
    this.#close(largest)
    largest.refuse()
  }

  #close(share: Share): void {
    if (this.#shares.delete(share)) this.#taken -= share.bytes
  }
}
