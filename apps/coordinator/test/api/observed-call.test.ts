import { EventEmitter } from "node:events"
import type { ServerUnaryCall } from "@grpc/grpc-js"
import { expect, test } from "@jest/globals"
import { observedCall } from "../../src/api/observed-call.ts"
import { CoordinatorError, type CoordinatorErrorCode } from "../../src/error.ts"
import { createMetrics } from "../../src/metrics.ts"
import { createLogSink } from "../support/log-sink.ts"

const NAME = { service: "edgelesssys.contrast.userapi.UserAPI", method: "SetManifest" }

/** Handles calls that fail with such a code, and returns the lines of the log. */
async function linesOf(code: CoordinatorErrorCode, calls = 1): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { log, lines } = createLogSink()
  const handle = observedCall({ log, metrics: createMetrics() }, NAME, () =>
    Promise.reject(new CoordinatorError(code, "why")),
  )
  const call = Object.assign(new EventEmitter(), { getPeer: () => "192.0.2.1:1" }) as ServerUnaryCall<unknown, unknown>
  for (let count = 0; count < calls; count += 1) {
    await new Promise((resolve) => {
      handle(call, resolve)
    })
  }
  return lines()
}

test.each<[CoordinatorErrorCode, string, string]>([
  ["POLICY_MISSING", "info", "call refused"],
  ["NEEDS_RECOVERY", "info", "call refused"],
  ["RECOVERY_HISTORY", "error", "call failed"],
  ["HISTORY_DAMAGED", "error", "call failed"],
])("%s is written as %s: %s", async (code, level, msg) => {
  expect(await linesOf(code)).toMatchObject([{ level, msg, code, reason: "why", method: "SetManifest" }])
})

test.each<CoordinatorErrorCode>(["POLICY_MISSING", "HISTORY_DAMAGED"])(
  "nobody fills the log by calls that end with %s",
  async (code) => {
    const lines = await linesOf(code, 1000)

    expect(lines.length).toBeGreaterThanOrEqual(100)
    expect(lines.length).toBeLessThan(200)
  },
)
