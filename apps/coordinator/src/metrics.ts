import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client"

/** A finished call, as metrics tell calls apart: by labels of few values. */
export interface FinishedCall {
  readonly service: string
  readonly method: string
  /** gRPC status in the spelling of Go, as in `FailedPrecondition`. */
  readonly status: string
  readonly seconds: number
}

/** What the Coordinator counts. */
export interface Metrics {
  callStarted(service: string, method: string): void
  callFinished(call: FinishedCall): void
  attestationFailed(): void
  /** The number of manifests in the history; 0 if there is no state. */
  manifestGeneration(generation: number): void
  /** Takes the metrics of other parts. */
  readonly registry: Registry
  /** In the text format of Prometheus. */
  render(): Promise<string>
  readonly contentType: string
}

/** Gauges with the name of a counter, which Prometheus objects to. */
const MISNAMED = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"]

/** Creates the metrics, those of the process included. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  for (const name of MISNAMED) registry.removeSingleMetric(name)
  const generation = new Gauge({
    name: "contrast_coordinator_manifest_generation",
    help: "Number of manifests in the history of the active manifest, 0 without one.",
    registers,
  })
  const attestationFailures = new Counter({
    name: "contrast_meshapi_attestation_failures_total",
    help: "Clients of the mesh API whose attestation was not accepted.",
    registers,
  })
  const callLabels = ["grpc_type", "grpc_service", "grpc_method"] as const
  const started = new Counter({
    name: "contrast_grpc_server_started_total",
    help: "Calls begun on the server.",
    labelNames: callLabels,
    registers,
  })
  const handled = new Counter({
    name: "contrast_grpc_server_handled_total",
    help: "Calls completed on the server, whatever came of them.",
    labelNames: [...callLabels, "grpc_code"],
    registers,
  })
  const handling = new Histogram({
    name: "contrast_grpc_server_handling_seconds",
    help: "Time from a call's arrival to its answer.",
    labelNames: callLabels,
    registers,
  })
  return {
    callStarted: (service, method) => {
      started.inc(labelsOf(service, method))
    },
    callFinished: ({ service, method, status, seconds }) => {
      handled.inc({ ...labelsOf(service, method), grpc_code: status })
      handling.observe(labelsOf(service, method), seconds)
    },
    attestationFailed: () => {
      attestationFailures.inc()
    },
    manifestGeneration: (value) => {
      generation.set(value)
    },
    registry,
    render: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

function labelsOf(service: string, method: string): Record<"grpc_type" | "grpc_service" | "grpc_method", string> {
  return { grpc_type: "unary", grpc_service: service, grpc_method: method }
}
