/** The composition root of a thread that serves the transit API. */
import { parentPort, workerData } from "node:worker_threads"
import { Registry } from "prom-client"
import type { LogFields } from "./log.ts"
import { systemCode } from "./system-error.ts"
import { readBulletin } from "./transit/bulletin.ts"
import { EncryptionCounts } from "./transit/encryption-counts.ts"
import { createMeshView } from "./transit/mesh-view.ts"
import { createTransitServer } from "./transit/server.ts"
import type { Asked, ThreadAnswer, ThreadData, ThreadLogLine, ThreadRequest } from "./transit/thread-protocol.ts"
import { createTransitMetrics } from "./transit/transit-metrics.ts"

if (parentPort === null) throw new Error("this runs as a thread of contrast-coordinator")
const parent = parentPort
const { subscription, limits, version } = workerData as ThreadData // given by TransitThreads
const now = (): Date => new Date()
const registry = new Registry()
const counts = new EncryptionCounts()
const server = createTransitServer({
  coordinator: createMeshView(readBulletin(subscription), now),
  events: createTransitMetrics(registry, { error: writeError }, counts),
  counts,
  now,
  version,
  limits,
  sharesPort: true,
})
parent.on("message", ({ request, answer }: Asked) => {
  void carryOut(request).then((result) => {
    answer.postMessage(result)
  })
})

async function carryOut(request: ThreadRequest): Promise<ThreadAnswer> {
  try {
    return { value: await perform(request) }
  } catch (error) {
    return { errorCode: systemCode(error) }
  }
}

function perform(request: ThreadRequest): Promise<unknown> {
  switch (request.kind) {
    case "listen":
      return server.listen(request.host, request.port)
    case "close":
      return server.close(request.graceMs)
    case "metrics":
      return registry.getMetricsAsJSON()
    case "encryption-counts":
      return Promise.resolve(counts.list())
  }
}

function writeError(message: string, fields: LogFields = {}): void {
  const line: ThreadLogLine = { level: "error", message, fields }
  parent.postMessage(line)
}
