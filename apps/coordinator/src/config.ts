import path from "node:path"
import { INSECURE_HOST_DATA_URL } from "@contrast/atls"
import { CoordinatorError } from "./error.ts"
import type { HistoryPlace } from "./history/open-history.ts"
import type { ListenAddress } from "./listen-address.ts"
import type { LogLevel } from "./log.ts"

/** How the Coordinator runs. */
export interface Config {
  /** Where the history is kept. */
  readonly history: HistoryPlace
  readonly userListen: ListenAddress
  readonly meshListen: ListenAddress
  readonly transitListen: ListenAddress
  readonly probeListen: ListenAddress
  readonly logLevel: LogLevel
  /** For development: run on the insecure platform, and take insecure manifests, and only those. */
  readonly allowInsecure: boolean
  /** Where the host data of the insecure platform comes from. */
  readonly insecureHostData: string
  /** Where AMD's and Intel's statements come from and are kept. */
  readonly collateral: {
    readonly directory: string
    readonly amdUrl: string | undefined
    readonly intelUrl: string | undefined
    readonly offline: boolean
  }
  readonly serveMetrics: boolean
  /** Threads of their own that serve the transit API; 0: the main thread does. */
  readonly transitThreads: number
}

/** The flags, each checked by itself. */
export interface Flags {
  readonly dataDir: string
  readonly history: "directory" | "configmaps"
  readonly kubernetesUrl: string
  readonly serviceAccountDir: string
  readonly userListen: ListenAddress
  readonly meshListen: ListenAddress
  readonly transitListen: ListenAddress
  readonly probeListen: ListenAddress
  readonly logLevel: LogLevel
  readonly insecureHostData?: string
  readonly transitThreads: number
  readonly collateralDir?: string
  readonly amdKdsUrl?: string
  readonly intelPcsUrl?: string
}

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Puts flags and environment together.
 *
 * @throws {@link CoordinatorError} `CONFIG`.
 */
export function createConfig(
  { dataDir, history, kubernetesUrl, serviceAccountDir, insecureHostData, collateralDir, ...flags }: Flags,
  environment: Environment,
): Config {
  const { amdKdsUrl, intelPcsUrl, ...others } = flags
  const allowInsecure = isSet("CONTRAST_ALLOW_INSECURE", environment)
  if (!allowInsecure && insecureHostData !== undefined) {
    throw new CoordinatorError("CONFIG", "--insecure-host-data needs CONTRAST_ALLOW_INSECURE to be set")
  }
  return {
    ...others,
    history:
      history === "directory"
        ? { kind: history, path: dataDir }
        : { kind: history, url: kubernetesUrl, serviceAccountDirectory: serviceAccountDir },
    allowInsecure,
    insecureHostData: insecureHostData ?? INSECURE_HOST_DATA_URL,
    collateral: {
      directory: collateralDir ?? path.join(path.dirname(path.resolve(dataDir)), "collateral"),
      amdUrl: amdKdsUrl,
      intelUrl: intelPcsUrl,
      offline: isSet("CONTRAST_OFFLINE", environment),
    },
    serveMetrics: environment["CONTRAST_METRICS"] !== undefined,
  }
}

/** Not empty means yes; what reads as a no is a mistake, and not one to guess about. */
function isSet(name: string, environment: Environment): boolean {
  const value = environment[name] ?? ""
  if (["0", "f", "false", "n", "no", "off"].includes(value.toLowerCase())) {
    throw new CoordinatorError("CONFIG", `${name}=${value} would mean yes: leave it unset instead`)
  }
  return value !== ""
}
