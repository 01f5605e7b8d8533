import { Counter, Histogram, type Registry } from "prom-client"
import type { Log } from "../log.ts"
import { describeFailure } from "../failure.ts"
import type { EncryptionCounts } from "./encryption-counts.ts"
import { MESSAGE_LIMIT } from "./limit-watch.ts"
import type { TransitEvents } from "./server.ts"

/** Counts and logs what transit tells, and shows the counts of encryptions by key. */
export function createTransitMetrics(
  registry: Registry,
  log: Pick<Log, "error">,
  counts: EncryptionCounts,
): TransitEvents {
  const registers = [registry]
  const requests = new Counter({
    name: "contrast_transit_requests_total",
    help: "Requests of the transit API, whatever came of them.",
    labelNames: ["route", "status"],
    registers,
  })
  const seconds = new Histogram({
    name: "contrast_transit_request_seconds",
    help: "Time from a request's headers to its answer.",
    labelNames: ["route"],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5],
    registers,
  })
  new Counter({
    name: "contrast_transit_encryptions_total",
    help: `Messages encrypted since the start, by key; one key is good for ${MESSAGE_LIMIT} (NIST SP 800-38D).`,
    labelNames: ["workload_secret_id", "key_version"],
    registers,
    collect() {
      this.reset()
      for (const { id, version, messages } of counts.list()) {
        this.inc({ workload_secret_id: id, key_version: version }, messages)
      }
    },
  })
  const handshakeFailures = new Counter({
    name: "contrast_transit_handshake_failures_total",
    help: "Connections to the transit API that ended before TLS was up.",
    registers,
  })
  return {
    finished: (route, status, duration) => {
      requests.inc({ route, status })
      seconds.observe({ route }, duration)
    },
    failed: (error) => {
      log.error("transit request failed", describeFailure(error))
    },
    handshakeFailed: () => {
      handshakeFailures.inc()
    },
  }
}
