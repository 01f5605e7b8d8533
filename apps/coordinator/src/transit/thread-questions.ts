import { once } from "node:events"
import { MessageChannel, type Worker } from "node:worker_threads"
import type { Asked, ThreadAnswer, ThreadRequest } from "./thread-protocol.ts"

/** What all threads were asked and have not answered yet. A thread that has ended would never answer. */
export class Questions {
  readonly #threads: readonly Worker[]
  readonly #open = new Set<Promise<unknown>>()
  #isOver = false

  constructor(threads: readonly Worker[]) {
    this.#threads = threads
  }

  /** @returns The answer of each thread; none at all once the threads are about to end. */
  askAll(request: ThreadRequest): Promise<unknown[]> {
    if (this.#isOver) return Promise.resolve([])
    const answers = Promise.all(this.#threads.map((thread) => ask(thread, request)))
    this.#open.add(answers)
    const done = (): void => void this.#open.delete(answers)
    answers.then(done, done)
    return answers
  }

  /** Takes no more, and waits for the answers that are due. */
  async end(): Promise<void> {
    this.#isOver = true
    await Promise.allSettled(this.#open)
  }
}

/** Asks one thread. */
export async function ask(thread: Worker, request: ThreadRequest): Promise<unknown> {
  const { port1, port2 } = new MessageChannel()
  const asked: Asked = { request, answer: port2 }
  thread.postMessage(asked, [port2])
  const [answer] = (await once(port1, "message")) as [ThreadAnswer] // only a transit thread writes here
  port1.close()
  if ("value" in answer) return answer.value
  throw Object.assign(new Error(`transit thread could not ${request.kind}`), { code: answer.errorCode })
}
