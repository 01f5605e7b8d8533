/** What a message that is still on its way has of the budget. */
export interface MessageShare {
  /** More of it has come. */
  grow(bytes: number): void
  /** It is complete, or nobody waits for it any more. */
  close(): void
}

interface Share {
  readonly refuse: () => void
  bytes: number
}

/**
 * Bounds the memory of messages that are not complete yet, over all connections of a server. Where it ends, the largest of
 * them is refused, not the newest: whoever fills the budget and waits must not keep small requests out.
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
    const share: Share = { refuse, bytes: 0 }
    this.#shares.add(share)
    return {
      grow: (bytes) => {
        this.#grow(share, bytes)
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
    // The largest is at least as large as what was added, so that one is enough.
    if (this.#taken > this.#total) this.#refuseLargest()
  }

  #refuseLargest(): void {
    let largest: Share | undefined
    for (const share of this.#shares) if (share.bytes > (largest?.bytes ?? -1)) largest = share
    if (largest === undefined) return
    this.#close(largest)
    largest.refuse()
  }

  #close(share: Share): void {
    if (this.#shares.delete(share)) this.#taken -= share.bytes
  }
}
