import { Registry } from "prom-client"
import type { Log } from "../log.ts"
import { EncryptionCounts } from "./encryption-counts.ts"
import { LimitWatch } from "./limit-watch.ts"
import { createMeshView } from "./mesh-view.ts"
import { createTransitServer, type TransitLimits, type TransitServer } from "./server.ts"
import type { Notice } from "./state.ts"
import { createTransitThreads } from "./threads.ts"
import { createTransitMetrics } from "./transit-metrics.ts"

/** The transit API, wherever it runs. */
export interface TransitService extends TransitServer {
  /** Tells of the Coordinator's situation; nothing is served by an earlier one from here on. */
  publish(notice: Notice): void
  /** In the text format of Prometheus. */
  renderMetrics(): Promise<string>
}

/** Options of {@link createTransitService}. */
export interface TransitServiceOptions {
  /** How many threads serve, and their program; the main thread itself if there are none. */
  readonly threads: { readonly count: number; readonly entry: URL }
  readonly log: Log
  readonly now: () => Date
  readonly version: string
  readonly limits: TransitLimits
}

/** Creates the transit API in threads of its own or in this one. */
export function createTransitService({ threads, now, ...options }: TransitServiceOptions): TransitService {
  return threads.count > 0 ? createTransitThreads({ ...threads, ...options }) : createTransitHere({ now, ...options })
}

function createTransitHere({ log, now, version, limits }: Omit<TransitServiceOptions, "threads">): TransitService {
  let latest: Notice = { availability: "uninitialised" }
  const registry = new Registry()
  const coordinator = createMeshView(() => latest, now)
  const counts = new EncryptionCounts()
  const events = createTransitMetrics(registry, log, counts)
  const server = createTransitServer({ coordinator, events, counts, now, version, limits })
  const limitWatch = new LimitWatch({ counts: () => Promise.resolve(counts.list()), registry, log })
  return {
    ...server,
    async close(graceMs) {
      limitWatch.stop()
      await server.close(graceMs)
    },
    publish: (notice) => {
      latest = notice
    },
    async renderMetrics() {
      await limitWatch.look()
      return registry.metrics()
    },
  }
}
