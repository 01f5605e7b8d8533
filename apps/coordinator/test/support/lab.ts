import { createInsecureIssuer } from "@contrast/attestation"
import { decodeHex } from "@contrast/crypto"
import type { HistoryStore } from "../../src/history/history-store.ts"
import { startServers, type RunningServers } from "../../src/servers.ts"
import type { State } from "../../src/state/state.ts"
import { Caller } from "./caller.ts"
import { COORDINATOR } from "./deployment.ts"
import { createLogSink, type LogSink } from "./log-sink.ts"
import { MemoryStore } from "./memory-store.ts"

const ANY_PORT = { host: "127.0.0.1", port: 0 }

export interface LabOptions {
  readonly store?: HistoryStore | undefined
  readonly allowInsecure?: boolean
  readonly findRecoveredPeers?: () => Promise<readonly string[]>
  /** The main thread serves transit unless a test is about threads: each of them takes a while to start. */
  readonly transitThreads?: number
}

/** A Coordinator in this process on real sockets, with the calls to it. */
export class Lab extends Caller {
  readonly servers: RunningServers
  readonly logSink: LogSink

  private constructor(servers: RunningServers, logSink: LogSink) {
    super(servers.ports)
    this.servers = servers
    this.logSink = logSink
  }

  static async start({
    store = new MemoryStore(),
    allowInsecure = true,
    findRecoveredPeers,
    transitThreads = 0,
  }: LabOptions = {}): Promise<Lab> {
    const config = {
      userListen: ANY_PORT,
      meshListen: ANY_PORT,
      transitListen: ANY_PORT,
      probeListen: ANY_PORT,
      allowInsecure,
      serveMetrics: true,
      transitThreads,
    }
    const logSink = createLogSink()
    const servers = await startServers(config, {
      issuer: createInsecureIssuer({ hostData: decodeHex(COORDINATOR.hash) }),
      trust: {},
      store,
      log: logSink.log,
      now: () => new Date(),
      findRecoveredPeers: findRecoveredPeers ?? (() => Promise.resolve([])),
      transitThread: new URL("../../src/transit-thread.ts", import.meta.url),
    })
    return new Lab(servers, logSink)
  }

  stop(): Promise<void> {
    return this.servers.close(0)
  }

  /** The state in force. */
  get state(): State {
    const situation = this.servers.guard.current()
    if (situation.kind !== "active") throw new Error(`expected a state, the Coordinator is ${situation.kind}`)
    return situation.state
  }
}
