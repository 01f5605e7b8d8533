import { Counter, Histogram, type Registry } from "prom-client"
import type { Log } from "../log.ts"
import { describeFailure } from "../failure.ts"
import { MESSAGE_LIMIT } from "./keys.ts"
import type { TransitEvents } from "./server.ts"

/** Counts and logs what transit tells: requests by route and status, encryptions by key, keys that near their limit. */
export function createTransitMetrics(registry: Registry, log: Pick<Log, "error" | "warn">): TransitEvents {
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
  const encryptions = new Counter({
    name: "contrast_transit_encryptions_total",
    help: `Messages encrypted since the start, by key; one key is good for ${MESSAGE_LIMIT} (NIST SP 800-38D).`,
    labelNames: ["workload_secret_id", "key_version"],
    registers,
  })
  const nearLimits = new Counter({
    name: "contrast_transit_keys_near_limit_total",
    help: "Keys that have encrypted a quarter of what they may: time to use the next key_version.",
    registers,
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
    encrypted: (id, version, messages) => {
      encryptions.inc({ workload_secret_id: id, key_version: version }, messages)
    },
    nearLimit: (id, version) => {
      nearLimits.inc()
      log.warn("a transit key nears the number of messages that it may encrypt; use the next key_version", {
        event: "transit-key-near-limit",
        workloadSecretId: id,
        version: String(version),
      })
    },
  }
}
