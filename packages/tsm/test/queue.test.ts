import { expect, test } from "@jest/globals"
import { TsmError } from "../src/index.ts"
import { Queue } from "../src/queue.ts"

/** A queue whose tasks end one at a time, when the test says so. */
function stage(maxWaiting: number) {
  const queue = new Queue(maxWaiting)
  const ran: string[] = []
  const running: (() => void)[] = []
  const run = async (name: string, signal?: AbortSignal): Promise<string> => {
    const task = (): Promise<void> => {
      ran.push(name)
      return new Promise((resolve) => running.push(resolve))
    }
    try {
      await queue.run(task, signal)
      return "done"
    } catch (error) {
      return error instanceof TsmError ? error.code : "broken"
    }
  }
  return { queue, ran, run, endOne: () => running.shift()?.() }
}

test("runs tasks one at a time, in the order in which they came", async () => {
  const { ran, run, endOne } = stage(2)
  const [first, second, third] = [run("first"), run("second"), run("third")]
  expect(ran).toEqual(["first"])

  endOne()
  await first
  const late = run("late")
  endOne()
  await second
  endOne()
  await third
  endOne()

  expect(await late).toBe("done")
  expect(ran).toEqual(["first", "second", "third", "late"])
})

test("refuses a task when too many wait", async () => {
  const { ran, run, endOne } = stage(1)
  const [first, second] = [run("first"), run("second")]

  expect(await run("third")).toBe("LIMIT")

  endOne()
  await first
  endOne()
  expect(await second).toBe("done")
  expect(ran).toEqual(["first", "second"])
})

test("skips a task that nobody waits for any more, and gives its place away", async () => {
  const { ran, run, endOne } = stage(1)
  const gone = new AbortController()
  const [first, second] = [run("first"), run("second", gone.signal)]

  gone.abort()
  expect(await second).toBe("CANCELLED")
  const third = run("third")
  expect(await run("fourth", gone.signal)).toBe("CANCELLED")

  endOne()
  await first
  endOne()
  expect(await third).toBe("done")
  expect(ran).toEqual(["first", "third"])
})

test("lets a task end that runs when it is given up", async () => {
  const { run, endOne } = stage(1)
  const gone = new AbortController()
  const first = run("first", gone.signal)

  gone.abort()
  endOne()

  expect(await first).toBe("done")
})

test("goes on after a task that failed", async () => {
  const queue = new Queue(1)
  const failing = queue.run(() => Promise.reject(new Error("broken")))
  const next = queue.run(() => Promise.resolve("next"))

  await expect(failing).rejects.toThrow("broken")
  expect(await next).toBe("next")
})
