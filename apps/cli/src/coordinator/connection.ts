import type { KeyObject } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import { logVerbosity, setLogVerbosity } from "@grpc/grpc-js"
import { type AttestedConnection, connectAttested } from "@contrast/atls"
import type { Verdict } from "@contrast/attestation"
import type { CollateralStore } from "@contrast/collateral"
import type { PolicyHash } from "@contrast/manifest"
import {
  EXIT,
  type GetManifestsResponse,
  ProtocolError,
  type SetManifestRequest,
  type SetManifestResponse,
  UserAPIService,
  type UserRecoverRequest,
  exitCodeOf,
} from "@contrast/protocol"
import { type CollateralOptions, openCollateral } from "../collateral.ts"
import type { Context } from "../context.ts"
import type { ManifestFile } from "../manifest-file.ts"
import { systemCode } from "../system-error.ts"
import { parseWait } from "../wait.ts"
import { checkAddress } from "./address.ts"
import { coordinatorVerifier } from "./attestation.ts"

/** Flags of all commands that talk to a Coordinator. */
export interface CoordinatorOptions extends CollateralOptions {
  readonly manifest?: string
  readonly coordinator: string
  readonly wait: string
  readonly handshakeAttestation?: true
}

/** A Coordinator that has proven what it is, over this connection. Its calls throw `ProtocolError`. */
export interface Coordinator {
  readonly policyHash: PolicyHash
  /** Why it was accepted. */
  readonly verdict: Verdict
  setManifest(request: SetManifestRequest): Promise<SetManifestResponse>
  getManifests(): Promise<GetManifestsResponse>
  recover(request: UserRecoverRequest): Promise<void>
}

/** For connecting and verifying, and then for each call. */
const TIMEOUT_MS = 30_000
const RETRY_MS = 1000

/** What {@link withCoordinator} connects with. */
export interface Connecting {
  readonly context: Context
  readonly options: CoordinatorOptions
  /** Decides whether the Coordinator is accepted. */
  readonly manifest: ManifestFile
  /** The owner's key to show, if any. */
  readonly key: KeyObject | undefined
}

/**
 * Connects to a Coordinator, accepts nothing but what the manifest describes, and closes the connection at the end.
 *
 * @throws {@link CliError} `USAGE`, `ATTESTATION`; `ProtocolError` when it cannot be reached within the time to wait.
 */
export async function withCoordinator<T>(connecting: Connecting, use: (to: Coordinator) => Promise<T>): Promise<T> {
  const { context, options } = connecting
  setLogVerbosity(logVerbosity.NONE) // gRPC would write to standard error on its own account
  checkAddress(options.coordinator)
  const until = Date.now() + parseWait(options.wait)
  const collateral = openCollateral(context, options)
  try {
    const connection = await context.output.during(`connecting to ${options.coordinator}`, (progress) =>
      connectUntil({ ...connecting, collateral }, until, progress),
    )
    return await useConnection(connection, connecting, use)
  } finally {
    await collateral.close()
  }
}

async function useConnection<T>(
  connection: AttestedConnection,
  { context, options }: Connecting,
  use: (to: Coordinator) => Promise<T>,
): Promise<T> {
  try {
    const { attested } = connection
    if (attested === undefined) throw new TypeError("the connection is not attested")
    context.output.debug(`${options.coordinator} attested as policy ${attested.policyHash} on ${attested.platform}`)
    if (attested.platform === "insecure") {
      context.output.warn(
        "INSECURE: this Coordinator's platform proves nothing; anyone could have answered in its place",
      )
    }
    return await use({ policyHash: attested.policyHash, verdict: attested.verdict, ...callsOf(connection) })
  } finally {
    connection.close()
  }
}

/** One store for all attempts: it remembers how busy a vendor is. */
interface Attempting extends Connecting {
  readonly collateral: CollateralStore
}

async function connectUntil(
  connecting: Attempting,
  until: number,
  progress: (text: string) => void,
): Promise<AttestedConnection> {
  const { output, signal } = connecting.context
  for (;;) {
    try {
      return await connect(connecting)
    } catch (error) {
      const left = until - Date.now()
      if (signal.aborted || left <= 0 || exitCodeOf(systemCode(error) ?? "") !== EXIT.unreachable) {
        throw nameAddress(error, connecting.options.coordinator)
      }
      output.debug(error instanceof Error ? error.message : String(error))
      progress(`waiting for ${connecting.options.coordinator}, ${Math.ceil(left / 1000)} s more`)
      await sleep(Math.min(RETRY_MS, left), undefined, { signal })
    }
  }
}

/** gRPC's own text names no address where a name could not be resolved, and has more words than help. */
function nameAddress(error: unknown, address: string): unknown {
  if (!(error instanceof ProtocolError) || error.code !== "UNREACHABLE") return error
  const reason = error.message.replace(
    /^No connection established\. Last error: (?:Error: )?| *Resolution note: *$/g,
    "",
  )
  return new ProtocolError("UNREACHABLE", `cannot reach ${address}: ${reason}`, { cause: error })
}

function connect({ context, options, manifest, key, collateral }: Attempting): Promise<AttestedConnection> {
  return connectAttested({
    address: options.coordinator,
    ...(key && { key }),
    mode: options.handshakeAttestation ? "handshake" : "session",
    verify: coordinatorVerifier(manifest, { ...context.roots, collateral }),
    timeoutMs: TIMEOUT_MS,
    signal: context.signal,
    now: () => new Date(),
  })
}

function callsOf(connection: AttestedConnection): Omit<Coordinator, "policyHash" | "verdict"> {
  return {
    setManifest: (request) => connection.call(UserAPIService.setManifest, request),
    getManifests: () => connection.call(UserAPIService.getManifests, {}),
    recover: async (request) => {
      await connection.call(UserAPIService.recover, request)
    },
  }
}
