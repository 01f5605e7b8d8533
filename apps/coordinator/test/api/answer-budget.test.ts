import { randomUUID } from "node:crypto"
import { setImmediate as nextTurn } from "node:timers/promises"
import { ProtocolError } from "@contrast/protocol"
import { expect, test } from "@jest/globals"
import { AnswerBudget } from "../../src/api/answer-budget.ts"

/** A call that wants room, and what has become of it. Its answer is made at once unless it takes its time. */
function call(
  budget: AnswerBudget,
  bytes: number,
  peer: string = randomUUID(),
  made: Promise<unknown> = Promise.resolve(),
) {
  const { promise: ended, resolve: end } = Promise.withResolvers<undefined>()
  const seen = {
    state: "waiting",
    signal: undefined as AbortSignal | undefined,
    end: () => {
      end(undefined)
    },
  }
  const make = (signal: AbortSignal): Promise<unknown> => {
    seen.state = "begun"
    seen.signal = signal
    return made
  }
  budget.answer(bytes, { peer, ended }, make).catch((error: unknown) => {
    seen.state = error instanceof ProtocolError ? error.code : "broken"
  })
  return seen
}

test("answers as many calls at a time as there is room for", async () => {
  const budget = new AnswerBudget(100)
  const calls = [60, 40, 1].map((bytes) => call(budget, bytes))

  await nextTurn()
  expect(calls.map(({ state }) => state)).toEqual(["begun", "begun", "waiting"])

  calls[1]?.end()
  await nextTurn()
  expect(calls.map(({ state }) => state)).toEqual(["begun", "begun", "begun"])
})

test("lets no small answer past a large one that came before", async () => {
  const budget = new AnswerBudget(100)
  const [first, large, small] = [call(budget, 50), call(budget, 80), call(budget, 10)]

  await nextTurn()
  expect([large.state, small.state]).toEqual(["waiting", "waiting"])

  first.end()
  await nextTurn()
  expect([large.state, small.state]).toEqual(["begun", "begun"])
})

test("gives out an answer of more than everything when there is no other", async () => {
  const budget = new AnswerBudget(100)
  const [small, huge] = [call(budget, 1), call(budget, 1000)]
  await nextTurn()
  expect(huge.state).toBe("waiting")

  small.end()
  await nextTurn()

  expect(huge.state).toBe("begun")
})

test("forgets a call that ended while it waited, and serves those behind it", async () => {
  const budget = new AnswerBudget(100)
  const [first, gone, last] = [call(budget, 100), call(budget, 100), call(budget, 100)]

  gone.end()
  first.end()
  await nextTurn()

  expect([gone.state, last.state]).toEqual(["CANCELLED", "begun"])
})

test("refuses a second call of a connection until the first has ended, whether it waits or not", async () => {
  const budget = new AnswerBudget(100)
  const [begun, waiting] = [call(budget, 100, "192.0.2.1:1"), call(budget, 100, "192.0.2.2:2")]
  const again = [call(budget, 1, "192.0.2.1:1"), call(budget, 1, "192.0.2.2:2")]
  await nextTurn()
  expect(again.map(({ state }) => state)).toEqual(["LIMIT", "LIMIT"])

  for (const refused of again) refused.end()
  begun.end()
  await nextTurn()
  expect(waiting.state).toBe("begun")
  const next = call(budget, 1, "192.0.2.1:1")
  waiting.end()
  await nextTurn()
  expect(next.state).toBe("begun")
})

test("keeps the room of a call that has ended as long as somebody works at its answer, who is told", async () => {
  const budget = new AnswerBudget(100)
  const { promise: made, resolve: finish } = Promise.withResolvers<undefined>()
  const [gone, next] = [call(budget, 100, "192.0.2.1:1", made), call(budget, 100)]

  gone.end()
  await nextTurn()
  expect(gone.signal?.reason).toMatchObject({ code: "CANCELLED" })
  expect(next.state).toBe("waiting")
  expect(await stateOf(call(budget, 1, "192.0.2.1:1"))).toBe("LIMIT")

  finish(undefined)
  await nextTurn()
  expect(next.state).toBe("begun")
})

test("gives the room of an answer that could not be made back at the end of its call", async () => {
  const budget = new AnswerBudget(100)
  const broken = call(budget, 100, undefined, Promise.reject(new Error("no history")))
  const next = call(budget, 100)

  await nextTurn()
  expect([broken.state, next.state]).toEqual(["broken", "waiting"])

  broken.end()
  expect(await stateOf(next)).toBe("begun")
})

async function stateOf(seen: { readonly state: string }): Promise<string> {
  await nextTurn()
  return seen.state
}
