import type { Answer, Evaluator } from "./evaluators.ts"
import { type Json, type Operation, applyPatch } from "./json.ts"
import type { Request } from "./requests.ts"

/** Requests in order, on the state that the ones before have left. */
export interface Scenario {
  readonly policy: string
  readonly requests: readonly Request[]
}

interface Run {
  readonly scenario: Scenario
  readonly answers: Answer[]
  state: Json
}

/**
 * The answers to each scenario's requests. The scenarios go on together, so that an engine is started once a step, and
 * what several of them ask in the same state is asked once.
 */
export async function runScenarios(
  evaluator: Evaluator,
  scenarios: readonly Scenario[],
): Promise<readonly (readonly Answer[])[]> {
  const runs = scenarios.map((scenario): Run => ({ scenario, state: {}, answers: [] }))
  const steps = Math.max(0, ...scenarios.map(({ requests }) => requests.length))
  for (let step = 0; step < steps; step++) {
    const active = runs.flatMap((run) => {
      const request = run.scenario.requests[step]
      return request === undefined ? [] : [{ run, policy: run.scenario.policy, test: { ...request, state: run.state } }]
    })
    for (const [policy, group] of Map.groupBy(active, (entry) => entry.policy)) {
      const tests = new Map(group.map(({ test }) => [JSON.stringify(test), test]))
      const answers = await evaluator.evaluate(policy, [...tests.values()])
      const answerOf = new Map([...tests.keys()].map((key, index) => [key, answers[index]]))
      for (const { run, test } of group) {
        const answer = answerOf.get(JSON.stringify(test))
        if (answer === undefined) {
          throw new RangeError(`${evaluator.name} left out an answer`)
        }
        run.answers.push(answer)
        run.state = nextState(run.state, answer)
      }
    }
  }
  return runs.map(({ answers }) => answers)
}

/** The agent changes its state only after an allowed request. */
function nextState(state: Json, { allowed, ops }: Answer): Json {
  if (!allowed) {
    return state
  }
  // Operations as the rules write them.
  const patched = applyPatch({ pstate: state }, ops as readonly Operation[])
  return typeof patched === "object" && patched !== null && "pstate" in patched ? patched["pstate"] : null
}
