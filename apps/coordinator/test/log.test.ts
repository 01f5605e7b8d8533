import { expect, test } from "@jest/globals"
import { LOG_LEVELS } from "../src/log.ts"
import { createLogSink } from "./support/log-sink.ts"

const CANARY = "canary-5f3d7a"

test("writes the fields that are on the list, and no other", () => {
  const { log, text, lines } = createLogSink()
  const fields = { policyHash: "ab", seed: CANARY, Seed: CANARY, err: new Error(CANARY) }

  for (const level of LOG_LEVELS) log[level]("message", fields)

  expect(text()).not.toContain(CANARY)
  expect(lines().map(({ level, policyHash, msg }) => [level, policyHash, msg])).toEqual(
    LOG_LEVELS.map((level) => [level, "ab", "message"]),
  )
})

test.each([
  ["bytes", new TextEncoder().encode(CANARY)],
  ["an object", { secret: CANARY }],
  ["an error", new Error(CANARY)],
  ["something with its own JSON", { toJSON: () => CANARY }],
])("leaves out %s in a field of text", (_name, value) => {
  const { log, text } = createLogSink()

  log.error("message", { reason: value as unknown as string })

  expect(text()).not.toContain(CANARY)
  expect(text()).not.toContain(Buffer.from(CANARY).toString("base64"))
})

test("cuts long texts, and keeps a line a line", () => {
  const { log, lines } = createLogSink()

  log.info("message", { reason: `first\nsecond\u2028${"x".repeat(10_000)}` })

  expect(lines()).toHaveLength(1)
  expect(String(lines()[0]?.["reason"]).length).toBe(2048)
})

test("writes audit lines at every level", () => {
  const { log, lines } = createLogSink("error")

  log.info("not wanted")
  log.audit("the manifest was set", { event: "manifest-set", generation: 1 })

  expect(lines()).toEqual([
    expect.objectContaining({ audit: true, event: "manifest-set", generation: 1, msg: "the manifest was set" }),
  ])
})
