import { MessageChannel, receiveMessageOnPort, type MessagePort } from "node:worker_threads"
import type { Notice } from "./state.ts"

/** One reader's end of a {@link Bulletin}; it can be handed to a thread. */
export interface Subscription {
  readonly port: MessagePort
  /** One counter, shared by everybody: how many notices there have been. */
  readonly count: Int32Array<SharedArrayBuffer>
}

/**
 * Carries the latest notice to other threads. Readers look at the shared counter and fetch what they have not seen
 * before they go on: once a notice is published, no thread serves by an earlier one.
 */
export class Bulletin {
  readonly #count = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  readonly #ports: MessagePort[] = []

  /** To be handed over with its port in the transfer list, before the first notice. */
  subscribe(): Subscription {
    const { port1, port2 } = new MessageChannel()
    port1.unref()
    this.#ports.push(port1)
    return { port: port2, count: this.#count }
  }

  publish(notice: Notice): void {
    // The notice is there before the counter says so, so that whoever sees the counter finds it.
    for (const port of this.#ports) port.postMessage(notice)
    Atomics.add(this.#count, 0, 1)
  }
}

/** Reads a {@link Bulletin}: the function gives the latest notice, the same object for as long as it is the latest. */
export function readBulletin({ port, count }: Subscription): () => Notice {
  let latest: Notice = { availability: "uninitialised" }
  let read = 0
  return () => {
    for (const published = Atomics.load(count, 0); read < published; read += 1) latest = nextNotice(port)
    return latest
  }
}

function nextNotice(port: MessagePort): Notice {
  const received = receiveMessageOnPort(port) as { readonly message: Notice } | undefined // only a Bulletin writes here
  if (received === undefined) throw new Error("a notice was counted, but has not come")
  return received.message
}
