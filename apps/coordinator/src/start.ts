import path from "node:path"
import { logVerbosity, setLogVerbosity } from "@grpc/grpc-js"
import type { Trust } from "@contrast/attestation"
import { EXIT } from "@contrast/protocol"
import type { PlatformSearch } from "@contrast/tsm"
import { CommanderError } from "commander"
import { destination } from "pino"
import { openCollateral } from "./collateral.ts"
import { createCommandLine } from "./command-line.ts"
import { createConfig, type Flags } from "./config.ts"
import { describeFailure, exitCodeOfFailure } from "./failure.ts"
import { openHistory } from "./history/open-history.ts"
import { createIssuer } from "./issuer.ts"
import { createLog } from "./log.ts"
import { startServers } from "./servers.ts"
import { HistoryWatch } from "./state/history-watch.ts"
import { VERSION } from "./version.ts"

/** What the program takes for granted about the world. The shipped program takes the defaults. */
export interface Surroundings {
  /** Whom it believes about hardware; by default AMD and Intel. */
  readonly roots?: Omit<Trust, "collateral">
  /** The kernel that attests it; by default this machine's. */
  readonly kernel?: PlatformSearch
}

const GRACE_MS = 20_000
const WATCH_INTERVAL_MS = 5000
const STANDARD_ERROR = 2

const lines = destination({ fd: STANDARD_ERROR, sync: true })
let log = createLog("info", lines)

/** Composition root: runs the program with this process's arguments, environment and signals, and sets its exit code. */
export async function start(surroundings: Surroundings = {}): Promise<void> {
  // gRPC would write lines of its own making to standard error, and with GRPC_TRACE a great many.
  setLogVerbosity(logVerbosity.NONE)
  process.umask(0o077)
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.on(event, (error: unknown) => die("an unexpected error", error))
  }
  try {
    await createCommandLine(VERSION, (flags) => serve(flags, surroundings)).parseAsync()
  } catch (error) {
    // The command line has already said what is wrong with its use.
    if (!(error instanceof CommanderError)) log.error("failed", describeFailure(error))
    process.exit(exitCodeOfFailure(error))
  }
}

async function serve(flags: Flags, { roots, kernel }: Surroundings): Promise<void> {
  const config = createConfig(flags, process.env)
  log = createLog(config.logLevel, lines)
  log.info("starting", { version: VERSION })
  if (config.allowInsecure) {
    log.warn("INSECURE: CONTRAST_ALLOW_INSECURE is set; nothing is protected, and insecure manifests alone are taken")
  }
  // Heard from here on, so that no signal finds a port open and nobody to close it.
  const stopping = stopSignal()
  const collateral = openCollateral(config, log, roots)
  const issuer = await createIssuer(config, kernel)
  const history = await openHistory(config.history, (error) =>
    die("the history may not be kept as it should; recover after its store is in order", error),
  )
  const { store } = history
  const servers = await startServers(config, {
    issuer,
    trust: { ...roots, collateral },
    store,
    log,
    now: () => new Date(),
    // There is one Coordinator, or one that takes over from another; none is asked for its state.
    findRecoveredPeers: () => Promise.resolve([]),
    // Beside this program, built or not.
    transitThread: new URL(`./transit-thread${path.extname(import.meta.filename)}`, import.meta.url),
  })

  const watching = new AbortController()
  if (history.isShared) {
    void new HistoryWatch({ guard: servers.guard, store, log }).run(WATCH_INTERVAL_MS, watching.signal)
  }

  const signal = await stopping
  log.info("stopping", { signal })
  watching.abort()
  await servers.close(GRACE_MS)
  await collateral.close()
  history.close()
  log.info("stopped")
}

/** The first signal to stop. A second one has its usual effect: it ends the process at once. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once("SIGTERM", resolve)
    process.once("SIGINT", resolve)
  })
}

/** Ends the process before anything else can happen. */
function die(reason: string, error: unknown): never {
  log.error(`ended: ${reason}`, describeFailure(error))
  process.exit(EXIT.refused)
}
