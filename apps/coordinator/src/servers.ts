import { createAttestedServer, type AttestedServer, type AttestedServerOptions } from "@contrast/atls"
import type { Issuer, Trust } from "@contrast/attestation"
import { addMeshApi } from "./api/mesh-api.ts"
import { addUserApi } from "./api/user-api.ts"
import type { Config } from "./config.ts"
import { CoordinatorError } from "./error.ts"
import { describeFailure } from "./failure.ts"
import type { HistoryStore } from "./history/history-store.ts"
import type { ListenAddress } from "./listen-address.ts"
import type { Log } from "./log.ts"
import { createMetrics } from "./metrics.ts"
import { createProbeServer } from "./probes.ts"
import { MeshTrust } from "./state/mesh-trust.ts"
import { StateGuard } from "./state/state-guard.ts"
import { systemCode } from "./system-error.ts"
import { noticeOf } from "./transit/mesh-view.ts"
import { createTransitService } from "./transit/service.ts"
import { VERSION } from "./version.ts"

/** What the Coordinator works with that is not its own. */
export interface Surroundings {
  readonly issuer: Issuer
  /** What evidence is judged with besides the manifest. */
  readonly trust: Trust
  readonly store: HistoryStore
  readonly log: Log
  readonly now: () => Date
  /** Other Coordinators of the deployment that hold its state. */
  readonly findRecoveredPeers: () => Promise<readonly string[]>
  /** The program of a thread that serves the transit API. */
  readonly transitThread: URL
}

/** The part of the configuration that the servers go by. */
export type ServersConfig = Pick<
  Config,
  "userListen" | "meshListen" | "transitListen" | "probeListen" | "transitThreads" | "allowInsecure" | "serveMetrics"
>

/** A Coordinator that serves. */
export interface RunningServers {
  readonly ports: { readonly user: number; readonly mesh: number; readonly transit: number; readonly probe: number }
  readonly guard: StateGuard
  /** Lets calls in progress end, for so long. */
  close(graceMs: number): Promise<void>
}

/** A manifest comes with its policies, of which each may take some 100 KiB; all that workloads send is evidence. */
const MESSAGE_LIMITS = {
  user: { maxMessageBytes: 16 * 1024 * 1024, maxReceivingBytes: 64 * 1024 * 1024 },
  mesh: { maxMessageBytes: 1024 * 1024, maxReceivingBytes: 16 * 1024 * 1024 },
}

/** A seal client talks every ten minutes; it may keep its connection for that long. */
const TRANSIT_LIMITS = {
  maxConnections: 4096,
  maxStrangers: 1024,
  strangerLifetimeMs: 20_000,
  handshakeTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  idleTimeoutMs: 11 * 60_000,
  maxBodyBytesInFlight: 256 * 1024 * 1024,
}

type CommonOptions = Omit<AttestedServerOptions, "clientEvidence">

/** Opens the Coordinator's ports over the history in the store. */
export async function startServers(config: ServersConfig, surroundings: Surroundings): Promise<RunningServers> {
  const { log, now, store } = surroundings
  const metrics = createMetrics()
  const transit = createTransitService({
    threads: { count: config.transitThreads, entry: surroundings.transitThread },
    log,
    now,
    version: VERSION,
    limits: TRANSIT_LIMITS,
  })
  const guard = new StateGuard((await store.latest()) !== undefined, (situation) => {
    transit.publish(noticeOf(situation))
    metrics.manifestGeneration(situation.kind === "active" ? situation.state.history.transitions.length : 0)
  })
  const coordinator = { guard, allowInsecure: config.allowInsecure, ...surroundings }
  const observer = { log, metrics }

  const user = createAttestedServer({ ...optionsOf(surroundings, "user"), clientEvidence: "none" })
  addUserApi(user, coordinator, observer)

  const trust = new MeshTrust(guard, now, metrics)
  const validate = trust.validate.bind(trust)
  const mesh = createAttestedServer({ ...optionsOf(surroundings, "mesh"), clientEvidence: { validate } })
  addMeshApi(mesh, coordinator, trust, observer)

  const renderMetrics = async (): Promise<string> => (await metrics.render()) + (await transit.renderMetrics())
  let isStarted = false
  const probe = createProbeServer({
    isStarted: () => isStarted,
    isReady: () => guard.current().kind === "active",
    metrics: config.serveMetrics ? { contentType: metrics.contentType, render: renderMetrics } : undefined,
  })

  const close = async (graceMs: number): Promise<void> => {
    await Promise.all([user.close(graceMs), mesh.close(graceMs), transit.close(graceMs)])
    await probe.close()
  }
  try {
    const ports = {
      probe: await listen(probe, { listener: "probe", address: config.probeListen, log }),
      user: await listen(user, { listener: "user", address: config.userListen, log }),
      mesh: await listen(mesh, { listener: "mesh", address: config.meshListen, log }),
      transit: await listen(transit, { listener: "transit", address: config.transitListen, log }),
    }
    isStarted = true
    return { ports, guard, close }
  } catch (error) {
    await close(0)
    throw error
  }
}

function optionsOf({ issuer, now, log }: Surroundings, listener: "user" | "mesh"): CommonOptions {
  return {
    issuer,
    now,
    limits: MESSAGE_LIMITS[listener],
    events: {
      handshakeFailed: ({ remoteAddress, error }) => {
        log.debug("connection refused", { listener, peer: remoteAddress, ...describeFailure(error) })
      },
    },
  }
}

interface Listener {
  readonly listener: string
  readonly address: ListenAddress
  readonly log: Log
}

async function listen(
  server: Pick<AttestedServer, "listen">,
  { listener, address: { host, port }, log }: Listener,
): Promise<number> {
  try {
    const boundPort = await server.listen(host, port)
    log.info("listening", { event: "listening", listener, address: host, port: boundPort })
    return boundPort
  } catch (cause) {
    const message = `cannot listen on ${host}:${port} (${listener}): ${systemCode(cause) ?? "unexpected error"}`
    throw new CoordinatorError("LISTEN", message, { cause })
  }
}
