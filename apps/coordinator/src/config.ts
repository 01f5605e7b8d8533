import { INSECURE_HOST_DATA_URL } from "@contrast/atls"
import { CoordinatorError } from "./error.ts"
import type { ListenAddress } from "./listen-address.ts"
import type { LogLevel } from "./log.ts"

/** How the Coordinator runs. */
export interface Config {
  /** Holds the lock and the history. */
  readonly dataDirectory: string
  readonly userListen: ListenAddress
  readonly meshListen: ListenAddress
  readonly transitListen: ListenAddress
  readonly probeListen: ListenAddress
  readonly logLevel: LogLevel
  /** For development: run on the insecure platform, and take insecure manifests, and only those. */
  readonly allowInsecure: boolean
  /** Where the host data of the insecure platform comes from. */
  readonly insecureHostData: string
  readonly serveMetrics: boolean
}

/** The flags, each checked by itself. */
export interface Flags {
  readonly dataDir: string
  readonly userListen: ListenAddress
  readonly meshListen: ListenAddress
  readonly transitListen: ListenAddress
  readonly probeListen: ListenAddress
  readonly logLevel: LogLevel
  readonly insecureHostData?: string
}

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Puts flags and environment together.
 *
 * @throws {@link CoordinatorError} `CONFIG`.
 */
export function createConfig({ dataDir, insecureHostData, ...flags }: Flags, environment: Environment): Config {
  const allowInsecure = isSet(environment["CONTRAST_ALLOW_INSECURE"])
  if (!allowInsecure && insecureHostData !== undefined) {
    throw new CoordinatorError("CONFIG", "--insecure-host-data needs CONTRAST_ALLOW_INSECURE to be set")
  }
  return {
    ...flags,
    dataDirectory: dataDir,
    allowInsecure,
    insecureHostData: insecureHostData ?? INSECURE_HOST_DATA_URL,
    serveMetrics: environment["CONTRAST_METRICS"] !== undefined,
  }
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== ""
}
