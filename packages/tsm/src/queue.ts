/** Lets one task run at a time, in the order in which they came. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve()

  run<Result>(task: () => Promise<Result>): Promise<Result> {
    const running = this.#last.then(task)
    // One task's failure is for its caller; the next one runs all the same.
    this.#last = running.catch(() => undefined)
    return running
  }
}
