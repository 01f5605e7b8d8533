import { beforeAll, describe, expect, test } from "@jest/globals"
import { PERMISSIONS } from "./allowed.ts"
import { basePolicy } from "./base.ts"
import type { Answer, Evaluator } from "./evaluators.ts"
import { listMistyped } from "./mistyped.ts"
import { ORDER_PERMISSIONS, ORDER_REFUSALS } from "./mount-order.ts"
import { PROPAGATION_PERMISSIONS, PROPAGATION_REFUSALS } from "./propagation.ts"
import { CONTAINER_REFUSALS } from "./refused-containers.ts"
import { ENDPOINT_REFUSALS } from "./refused-endpoints.ts"
import { runScenarios } from "./scenario.ts"

const TIMEOUT_MS = 600_000

/** Proves on one engine that the policy of the base refuses and allows what the tables say, and why. */
export function proveTables(name: string, evaluator: Evaluator | undefined): void {
  const suite = evaluator === undefined ? describe.skip : describe
  const basis = basePolicy()
  const mistyped = listMistyped(process.env["SLOW"] === "1")
  const refusals = [
    ...[...CONTAINER_REFUSALS, ...ORDER_REFUSALS, ...PROPAGATION_REFUSALS],
    ...[...ENDPOINT_REFUSALS, ...mistyped],
  ]
  const permissions = [...PERMISSIONS, ...ORDER_PERMISSIONS, ...PROPAGATION_PERMISSIONS]
  const scenarios = [...refusals, ...permissions].map(({ policy = basis, requests }) => ({ policy, requests }))

  suite(`a generated policy in ${name}${evaluator === undefined ? " (skipped: the program is not found)" : ""}`, () => {
    let answers: readonly (readonly Answer[])[] = []

    beforeAll(async () => {
      answers = evaluator === undefined ? [] : await runScenarios(evaluator, scenarios)
    }, TIMEOUT_MS)

    test.each(refusals.map((refusal, index) => ({ ...refusal, index })))("refuses: $name", ({ condition, index }) => {
      const given = answers[index] ?? []

      expect(given.map(({ allowed }) => allowed)).toEqual([...given.slice(1).map(() => true), false])
      expect(given.at(-1)?.conditions).toEqual(
        condition === "" ? expect.anything() : expect.arrayContaining([condition]),
      )
    })

    test.each(permissions.map((permission, index) => ({ ...permission, index })))(
      "allows: $name",
      ({ refused = [], index }) => {
        const given = answers[refusals.length + index] ?? []

        expect(given.map(({ allowed }) => allowed)).toEqual(given.map((_answer, step) => !refused.includes(step)))
        expect(given).not.toEqual([])
      },
    )
  })
}
