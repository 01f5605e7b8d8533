import { expect, test } from "@jest/globals"
import { MessageBudget } from "../src/message-budget.ts"

/** Messages in one budget, and which of them were refused. */
function messages(budget: MessageBudget, count: number) {
  return Array.from({ length: count }, () => {
    const message = { isRefused: false, share: budget.open(() => (message.isRefused = true)) }
    return message
  })
}

test("refuses the largest message when all together are more than the budget", () => {
  const [small, large, growing] = messages(new MessageBudget(100), 3)
  small?.share.grow(20)
  large?.share.grow(60)
  growing?.share.grow(20)

  growing?.share.grow(1)

  expect([small, large, growing].map((message) => message?.isRefused)).toEqual([false, true, false])
})

test("refuses a message that is more than the budget alone, and gives its share back", () => {
  const [huge, next] = messages(new MessageBudget(100), 2)

  huge?.share.grow(101)
  huge?.share.grow(1000)
  next?.share.grow(100)

  expect([huge?.isRefused, next?.isRefused]).toEqual([true, false])
})

test("keeps a complete message's share, and refuses another one, however small, where the budget ends", () => {
  const [complete, small, large] = messages(new MessageBudget(100), 3)
  complete?.share.grow(70)
  complete?.share.complete(80)

  small?.share.grow(10)
  large?.share.grow(11)

  expect([complete, small, large].map((message) => message?.isRefused)).toEqual([false, false, true])
})

test("lets a complete message take less than it did on its way", () => {
  const [complete, next] = messages(new MessageBudget(100), 2)
  complete?.share.grow(90)
  complete?.share.complete(10)

  next?.share.grow(90)
  expect(next?.isRefused).toBe(false)

  next?.share.grow(1)
  expect(next?.isRefused).toBe(true)
})

test("gives back the share of a message that is no longer in memory, once", () => {
  const [gone, next, last] = messages(new MessageBudget(100), 3)
  gone?.share.grow(60)
  gone?.share.complete(60)
  next?.share.grow(40)

  gone?.share.close()
  gone?.share.close()
  gone?.share.complete(100)
  last?.share.grow(60)
  expect([gone, next, last].map((message) => message?.isRefused)).toEqual([false, false, false])

  next?.share.grow(1)
  expect(last?.isRefused).toBe(true)
})
