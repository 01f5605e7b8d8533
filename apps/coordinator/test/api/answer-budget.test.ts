import { randomUUID } from "node:crypto"
import { setImmediate as nextTurn } from "node:timers/promises"
import { ProtocolError } from "@contrast/protocol"
import { expect, test } from "@jest/globals"
import { AnswerBudget } from "../../src/api/answer-budget.ts"

/** A call that wants room, and what has become of it. */
function call(budget: AnswerBudget, bytes: number, peer: string = randomUUID()) {
  const { promise: ended, resolve: end } = Promise.withResolvers<undefined>()
  const seen = {
    state: "waiting",
    end: () => {
      end(undefined)
    },
  }
  void budget.reserve(bytes, { peer, ended }).then(
    () => (seen.state = "begun"),
    (error: unknown) => (seen.state = error instanceof ProtocolError ? error.code : "broken"),
  )
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
