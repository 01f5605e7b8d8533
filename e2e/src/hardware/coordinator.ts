import { PassThrough } from "node:stream"
import type { Issuer, Trust } from "@contrast/attestation"
import { openDataDirectory } from "../../../apps/coordinator/src/history/data-directory.ts"
import { createLog } from "../../../apps/coordinator/src/log.ts"
import { startServers } from "../../../apps/coordinator/src/servers.ts"

const ANY_PORT = { host: "127.0.0.1", port: 0 }
const CONFIG = {
  ...{ userListen: ANY_PORT, meshListen: ANY_PORT, transitListen: ANY_PORT, probeListen: ANY_PORT },
  ...{ serveMetrics: false, transitThreads: 0 },
}

export interface PlayedCoordinatorOptions {
  readonly issuer: Issuer
  readonly trust: Trust
  readonly allowInsecure?: boolean
}

/** A Coordinator in this process: all of the program but its composition root, which has no place for other roots. */
export interface PlayedCoordinator {
  readonly userAddress: string
  readonly meshAddress: string
  /** Ends it; its state is gone then, and its history stays in the directory. */
  stop(): Promise<void>
}

/** Starts a Coordinator with this evidence of its own, that judges others with this trust. */
export async function startPlayedCoordinator(
  dataDirectory: string,
  { issuer, trust, allowInsecure = false }: PlayedCoordinatorOptions,
): Promise<PlayedCoordinator> {
  const data = await openDataDirectory(dataDirectory, (error) => {
    throw error
  })
  const servers = await startServers(
    { ...CONFIG, allowInsecure },
    {
      ...{ issuer, trust, store: data.store },
      log: createLog("error", new PassThrough().resume()),
      now: () => new Date(),
      findRecoveredPeers: () => Promise.resolve([]),
      transitThread: new URL("../../../apps/coordinator/src/transit-thread.ts", import.meta.url),
    },
  )
  return {
    userAddress: `127.0.0.1:${servers.ports.user}`,
    meshAddress: `127.0.0.1:${servers.ports.mesh}`,
    stop: async () => {
      await servers.close(0)
      data.close()
    },
  }
}
