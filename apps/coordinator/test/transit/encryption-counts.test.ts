import { expect, test } from "@jest/globals"
import { Registry } from "prom-client"
import { EncryptionCounts, LAST_COUNTED_VERSION, type KeyCount } from "../../src/transit/encryption-counts.ts"
import { LimitWatch, MESSAGE_LIMIT, MESSAGE_WARNING } from "../../src/transit/limit-watch.ts"
import { createLogSink, type LogSink } from "../support/log-sink.ts"

test("counts each key for itself", () => {
  const counts = new EncryptionCounts()

  for (const id of ["web", "db", "web"]) counts.add(id, 1)
  counts.add("web", 2)

  expect(counts.list()).toEqual([
    { id: "web", version: "1", messages: 2 },
    { id: "web", version: "2", messages: 1 },
    { id: "db", version: "1", messages: 1 },
  ])
})

test("stays bounded however many versions a workload uses, and loses no message", () => {
  const counts = new EncryptionCounts()

  for (let version = 1; version <= 100_000; version += 1) counts.add("web", version)
  const list = counts.list()

  expect(list).toHaveLength(LAST_COUNTED_VERSION + 1)
  expect(list.at(-1)).toEqual({ id: "web", version: ">256", messages: 100_000 - LAST_COUNTED_VERSION })
})

interface Watched {
  readonly watch: LimitWatch
  readonly sink: LogSink
  readonly warnings: () => Promise<number | undefined>
}

function watchOver(counts: () => readonly KeyCount[], warnAt?: number): Watched {
  const registry = new Registry()
  const sink = createLogSink()
  const watch = new LimitWatch({ counts: () => Promise.resolve(counts()), registry, log: sink.log, warnAt })
  watch.stop() // these tests look by themselves
  const warnings = async (): Promise<number | undefined> => {
    const metric = await registry.getSingleMetric("contrast_transit_keys_near_limit_total")?.get()
    return metric?.values[0]?.value
  }
  return { watch, sink, warnings }
}

test("warns once of a key whose counts in all threads together come near the limit", async () => {
  const web = { id: "web", version: "1" }
  let messages = 1
  const { watch, sink, warnings } = watchOver(
    () => [
      { ...web, messages },
      { ...web, messages: 2 },
    ],
    4,
  )

  await watch.look()
  const before = sink.lines().length
  messages = 2
  await watch.look()
  messages = 3
  await watch.look()

  expect(before).toBe(0)
  expect(sink.lines()).toHaveLength(1)
  expect(sink.lines()[0]).toMatchObject({
    level: "warn",
    event: "transit-key-near-limit",
    workloadSecretId: "web",
    version: "1",
  })
  expect(await warnings()).toBe(1)
})

test("warns at a quarter of the limit of NIST SP 800-38D, of each key", async () => {
  const near = [1, 2].map((version) => ({ id: "web", version: String(version), messages: MESSAGE_WARNING }))
  const far = { id: "db", version: "1", messages: MESSAGE_WARNING - 1 }
  const { watch, warnings } = watchOver(() => [...near, far])

  await watch.look()

  expect(MESSAGE_WARNING).toBe(MESSAGE_LIMIT / 4)
  expect(await warnings()).toBe(2)
})
