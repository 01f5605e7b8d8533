import { afterEach, expect, test } from "@jest/globals"
import { MAX_TRANSITIONS } from "@contrast/manifest"
import { MAX_HISTORY_BYTES, type History } from "../../src/history/history.ts"
import { admit } from "../../src/state/admission.ts"
import type { State } from "../../src/state/state.ts"
import { COORDINATOR, DATABASE, manifestOf, ownerKey, WEB } from "../support/deployment.ts"
import { Labs } from "../support/labs.ts"

const labs = new Labs()
afterEach(() => labs.stop())

const proposal = {
  manifestBytes: manifestOf(),
  policies: [COORDINATOR.bytes, WEB.bytes, DATABASE.bytes],
  previousTransitionHash: undefined,
  signature: undefined,
  clientKey: ownerKey,
}

test("takes no manifest beyond the longest history that can be recovered", async () => {
  const transitions = Array<string>(MAX_TRANSITIONS).fill("")
  const [full, almost] = await Promise.all([
    stateWith({ transitions }),
    stateWith({ transitions: transitions.slice(1) }),
  ])

  expect(() => admit(proposal, full, true)).toThrow(expect.objectContaining({ code: "HISTORY_FULL" }))
  expect(admit(proposal, almost, true).consent.kind).toBe("owner-key")
})

test("takes no manifest beyond the largest history that clients can read", async () => {
  const room = MAX_HISTORY_BYTES - proposal.manifestBytes.length
  const [full, almost] = await Promise.all([stateWith({ bytes: room + 1 }), stateWith({ bytes: room })])

  expect(() => admit(proposal, full, true)).toThrow(expect.objectContaining({ code: "HISTORY_FULL" }))
  expect(admit(proposal, almost, true).consent.kind).toBe("owner-key")
})

test("counts manifests and policies of the history, and counts them again at a recovery", async () => {
  const { lab, recover } = await labs.restarted()
  await recover()
  const { history, manifestBytes } = lab.state
  const policies = [COORDINATOR, WEB, DATABASE].reduce((bytes, policy) => bytes + policy.bytes.length, 0)
  expect(history.bytes).toBe(manifestBytes.length + policies)

  // The policies are there already.
  await lab.set({ Manifest: manifestOf() })

  expect(lab.state.history.bytes).toBe(history.bytes + manifestBytes.length)
})

async function stateWith(history: Partial<History>): Promise<State> {
  const { state } = await labs.active()
  return { ...state, history: { ...state.history, ...history } }
}
