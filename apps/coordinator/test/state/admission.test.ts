import { afterEach, expect, test } from "@jest/globals"
import { MAX_TRANSITIONS } from "@contrast/manifest"
import { admit } from "../../src/state/admission.ts"
import { COORDINATOR, DATABASE, manifestOf, ownerKey, WEB } from "../support/deployment.ts"
import { Labs } from "../support/labs.ts"

const labs = new Labs()
afterEach(() => labs.stop())

test("takes no manifest beyond the longest history that can be recovered", async () => {
  const { state } = await labs.active()
  const transitions = Array<string>(MAX_TRANSITIONS).fill("")
  const [full, almost] = [transitions, transitions.slice(1)].map((list) => ({
    ...state,
    history: { ...state.history, transitions: list },
  }))
  const proposal = {
    manifestBytes: manifestOf(),
    policies: [COORDINATOR.bytes, WEB.bytes, DATABASE.bytes],
    previousTransitionHash: undefined,
    signature: undefined,
    clientKey: ownerKey,
  }

  expect(() => admit(proposal, full, true)).toThrow(expect.objectContaining({ code: "HISTORY_FULL" }))
  expect(admit(proposal, almost, true).consent.kind).toBe("owner-key")
})
