/** The composition root of a thread that serves the transit API. */
import { parentPort, workerData } from "node:worker_threads"
import { Registry } from "prom-client"
import type { LogFields } from "./log.ts"
import { systemCode } from "./system-error.ts"
import { readBulletin } from "./transit/bulletin.ts"
import { createMeshView } from "./transit/mesh-view.ts"
import { createTransitServer } from "./transit/server.ts"
import type { Asked, ThreadAnswer, ThreadData, ThreadLogLine, ThreadRequest } from "./transit/thread-protocol.ts"
import { createTransitMetrics } from "./transit/transit-metrics.ts"

if (parentPort === null) throw new Error("this runs as a thread of contrast-coordinator")
const parent = parentPort
const { subscription, limits, warnAt, version } = workerData as ThreadData // given by TransitThreads
const now = (): Date => new Date()
const registry = new Registry()
const server = createTransitServer({
  coordinator: createMeshView(readBulletin(subscription), now),
  events: createTransitMetrics(registry, { error: writer("error"), warn: writer("warn") }),
  now,
  version,
  limits,
  warnAt,
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
  }
}

function writer(level: ThreadLogLine["level"]): (message: string, fields?: LogFields) => void {
  return (message, fields = {}) => {
    const line: ThreadLogLine = { level, message, fields }
    parent.postMessage(line)
  }
}
