import { Worker } from "node:worker_threads"
import { AggregatorRegistry, Registry } from "prom-client"
import type { Log } from "../log.ts"
import { MAX_LOAN_BYTES } from "./body.ts"
import { Bulletin } from "./bulletin.ts"
import type { KeyCount } from "./encryption-counts.ts"
import { LimitWatch } from "./limit-watch.ts"
import type { TransitLimits } from "./server.ts"
import type { TransitService } from "./service.ts"
import type { ThreadData, ThreadLogLine } from "./thread-protocol.ts"
import { ask, Questions } from "./thread-questions.ts"

/** Options of {@link createTransitThreads}. */
export interface TransitThreadsOptions {
  /** The program of a thread: `transit-thread.ts`, built or not. */
  readonly entry: URL
  readonly count: number
  readonly log: Log
  readonly version: string
  /** Of all threads together. */
  readonly limits: TransitLimits
  /** Messages under one key, in all threads together, at which its owner is warned. */
  readonly warnAt?: number
}

/**
 * Starts threads that share one port: the kernel deals the connections out (SO_REUSEPORT). They leave the main thread to
 * attestation, and use every processor for clients that encrypt in bulk.
 */
export function createTransitThreads(options: TransitThreadsOptions): TransitService {
  const { entry, count, log, version, limits, warnAt } = options
  const bulletin = new Bulletin()
  const threads = Array.from({ length: count }, () => {
    const subscription = bulletin.subscribe()
    return startThread(entry, { subscription, limits: divide(limits, count), version }, log)
  })
  const questions = new Questions(threads)
  const counts = async (): Promise<readonly KeyCount[]> => {
    const parts = await questions.askAll({ kind: "encryption-counts" })
    return (parts as KeyCount[][]).flat() // what "encryption-counts" answers
  }
  const registry = new Registry()
  const limitWatch = new LimitWatch({ counts, registry, log, warnAt })
  return {
    async listen(host, port) {
      const [first, ...others] = threads
      if (first === undefined) throw new RangeError("expected at least one thread")
      const boundPort = (await ask(first, { kind: "listen", host, port })) as number // what "listen" answers
      await Promise.all(others.map((thread) => ask(thread, { kind: "listen", host, port: boundPort })))
      return boundPort
    },
    async close(graceMs) {
      limitWatch.stop()
      await questions.askAll({ kind: "close", graceMs })
      await questions.end()
      await Promise.all(threads.map((thread) => thread.terminate()))
    },
    publish: (notice) => {
      bulletin.publish(notice)
    },
    async renderMetrics() {
      const parts = (await questions.askAll({ kind: "metrics" })) as object[] // what "metrics" answers
      await limitWatch.look()
      return (await registry.metrics()) + (await AggregatorRegistry.aggregate(parts).metrics())
    },
  }
}

/** Each thread's part of the limits. */
function divide(limits: TransitLimits, count: number): TransitLimits {
  const { maxConnections, maxStrangers, maxBodyBytesInFlight } = limits
  return {
    ...limits,
    maxConnections: Math.ceil(maxConnections / count),
    maxStrangers: Math.ceil(maxStrangers / count),
    // The largest request must find room.
    maxBodyBytesInFlight: Math.max(MAX_LOAN_BYTES, Math.ceil(maxBodyBytesInFlight / count)),
  }
}

function startThread(entry: URL, data: ThreadData, log: Log): Worker {
  const thread = new Worker(entry, { workerData: data, transferList: [data.subscription.port] })
  thread.on("message", ({ level, message, fields }: ThreadLogLine) => {
    log[level](message, fields)
  })
  // A thread that fails has an error nobody thought of; so it is for the process.
  thread.on("error", (error) => {
    throw error
  })
  return thread
}
