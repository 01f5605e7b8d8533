import { expect, test } from "@jest/globals"
import fc from "fast-check"
import type { State } from "../../src/state/state.ts"
import { StateGuard, type Situation } from "../../src/state/state-guard.ts"

/** The guard never looks into a state. */
const someState = (): State => ({}) as State

test("begins without a state, in need of recovery if there is a history", () => {
  expect(new StateGuard(false, () => undefined).current()).toEqual({ kind: "uninitialised" })
  expect(new StateGuard(true, () => undefined).current()).toEqual({ kind: "needs-recovery" })
})

test("lets one of several changes from the same situation through, and tells of each situation", () => {
  const told: Situation["kind"][] = []
  const guard = new StateGuard(false, ({ kind }) => told.push(kind))
  const before = guard.current()

  expect(guard.compareAndSwap(before, someState())).toBe(true)
  expect(guard.compareAndSwap(before, someState())).toBe(false)

  expect(told).toEqual(["uninitialised", "active"])
})

test("marks nothing else as stale than what is in force", () => {
  const guard = new StateGuard(false, () => undefined)
  const state = someState()
  const before = guard.current()
  guard.compareAndSwap(before, state)

  guard.markStale(before)
  expect(guard.current()).toEqual({ kind: "active", state })
  guard.markStale(guard.current())
  expect(guard.current()).toEqual({ kind: "needs-recovery" })
})

test("tells that a change is going on until the last one has ended, well or not", async () => {
  const guard = new StateGuard(false, () => undefined)
  const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()]
  expect(guard.isChanging()).toBe(false)

  const changes = [guard.changing(() => first.promise), guard.changing(() => second.promise)]
  first.reject(new Error("expected"))
  await expect(changes[0]).rejects.toThrow("expected")
  expect(guard.isChanging()).toBe(true)
  second.resolve("done")

  expect(await changes[1]).toBe("done")
  expect(guard.isChanging()).toBe(false)
})

test("whatever happens in whatever order, a change takes effect if and only if nothing came between", () => {
  const steps = fc.array(fc.constantFrom("look", "swap", "stale"), { maxLength: 50 })
  fc.assert(
    fc.property(steps, (acts) => {
      const guard = new StateGuard(false, () => undefined)
      let seen = guard.current()
      let isFresh = true
      for (const act of acts) {
        const before = guard.current()
        if (act === "look") [seen, isFresh] = [before, true]
        else if (act === "swap") {
          expect(guard.compareAndSwap(seen, someState())).toBe(isFresh)
          isFresh = false
        } else {
          guard.markStale(before)
          isFresh = false
        }
      }
    }),
  )
})
