/** Flags and help. */
import { availableParallelism } from "node:os"
import { INSECURE_HOST_DATA_URL } from "@contrast/atls"
import { TSM_DIRECTORY } from "@contrast/tsm"
import { Command, InvalidArgumentError, Option } from "commander"
import type { Flags } from "./config.ts"
import { ALL_INTERFACES, findListenAddress, type ListenAddress } from "./listen-address.ts"
import { LOG_LEVELS } from "./log.ts"

const MAX_THREADS = 64

/** Each thread takes some 30 MB. */
const MAX_DEFAULT_THREADS = 4

const HELP = `
Environment:
  CONTRAST_ALLOW_INSECURE   not empty: run on the insecure platform and take insecure manifests, and only those.
                            For development: nothing is protected then
  CONTRAST_METRICS          present: serve Prometheus metrics at /metrics of the probe port
  CONTRAST_OFFLINE          not empty: ask neither AMD nor Intel; what is in the collateral directory has to do
  and one variable for each flag, as shown above; a flag wins

Platform:
  SEV-SNP or TDX as the kernel offers it in ${TSM_DIRECTORY} (Linux 6.7 or
  later, configfs mounted, sev-guest or tdx-guest loaded). What was looked at is in the error if there is none.

Data directory:
  lock          held while a Coordinator runs; a second one on the same directory ends with exit code 5
  history/      manifests/, policies/ and transitions/, each file named by its SHA-256, and transitions/latest

  With --history configmaps the history is in one ConfigMap for each of these instead, as in Contrast's own release, and
  the service account needs to get, create and update ConfigMaps. 'kubectl apply --server-side', in its namespace,
  puts them back from the history.yml that 'contrast verify' keeps. A Coordinator that finds its history moved on by
  another one needs recovery again.

  Nothing in it is secret, and nothing in it is trusted. To move a history over from another release, put its
  directories of the same names below history/ (a volume that has them there already can be used as it is);
  files are made readable to their owner alone. The Coordinator then waits for 'contrast recover'.

Collateral directory:
  What AMD and Intel publish about their platforms, so that they need not be asked again; verified on every use. It
  can be filled elsewhere with 'contrast collateral fetch'.

Probes and metrics (plain HTTP):
  /probe/startup, /probe/liveness   200 once the user and mesh ports are open
  /probe/readiness                  200 while there is a manifest in force; 503 before the first, and until recovery

One JSON object a line is logged to standard error; the port of each listener is in the line "listening".
SIGTERM and SIGINT stop it: calls in progress get 20 seconds to end; a second signal ends it at once.

Exit codes: 0 stopped, 1 failed (a disk that cannot be written reliably among the reasons), 2 usage,
5 the data directory is in use.`

/** Builds the command line; `run` gets the flags, each checked by itself. */
export function createCommandLine(version: string, run: (flags: Flags) => Promise<void>): Command {
  return new Command("contrast-coordinator")
    .description(
      "Attests itself to users, takes the manifest from them, and enrols the workloads that attest to one of its policies.",
    )
    .version(version)
    .addOption(
      new Option("--data-dir <dir>", "directory of this Coordinator's own; made if its parent exists")
        .env("CONTRAST_DATA_DIR")
        .default("/mnt/state"),
    )
    .addOption(
      new Option(
        "--history <where>",
        "where the history is kept: below the data directory, or in ConfigMaps of Kubernetes",
      )
        .choices(["directory", "configmaps"])
        .env("CONTRAST_HISTORY")
        .default("directory"),
    )
    .addOption(
      new Option("--kubernetes-url <url>", "with ConfigMaps: the API server")
        .env("CONTRAST_KUBERNETES_URL")
        .default("https://kubernetes.default.svc")
        .argParser(parseHttpsUrl),
    )
    .addOption(
      new Option(
        "--service-account-dir <dir>",
        "with ConfigMaps: token, ca.crt and namespace of the pod's service account",
      )
        .env("CONTRAST_SERVICE_ACCOUNT_DIR")
        .default("/var/run/secrets/kubernetes.io/serviceaccount"),
    )
    .addOption(listenOption("--user-listen", "user API: set, verify, recover", { host: ALL_INTERFACES, port: 1313 }))
    .addOption(listenOption("--mesh-listen", "mesh API: enrolment of workloads", { host: ALL_INTERFACES, port: 7777 }))
    .addOption(
      listenOption("--transit-listen", "transit API, as Vault's: HTTPS by the mesh PKI", {
        host: ALL_INTERFACES,
        port: 8200,
      }),
    )
    .addOption(
      new Option("--transit-threads <n>", "threads that serve the transit API; 0: the main thread does")
        .env("CONTRAST_TRANSIT_THREADS")
        .argParser(parseThreads)
        .default(defaultThreads(), `one for each processor, at most ${MAX_DEFAULT_THREADS}; 0 if there is but one`),
    )
    .addOption(listenOption("--probe-listen", "probes and metrics", { host: ALL_INTERFACES, port: 9102 }))
    .addOption(
      new Option("--log-level <level>", "least severe messages that are logged; the audit lines always are")
        .choices(LOG_LEVELS)
        .env("CONTRAST_LOG_LEVEL")
        .default("info"),
    )
    .addOption(
      new Option(
        "--insecure-host-data <source>",
        `policy hash that the insecure platform attests: 64 hex digits, a URL or a file (default: ${INSECURE_HOST_DATA_URL})`,
      ).env("CONTRAST_INSECURE_HOST_DATA"),
    )
    .addOption(
      new Option(
        "--collateral-dir <dir>",
        "keeps what AMD and Intel publish (default: collateral, beside the data directory)",
      ).env("CONTRAST_COLLATERAL_DIR"),
    )
    .addOption(
      new Option("--amd-kds-url <url>", "AMD's key distribution service, if not AMD's own").env("CONTRAST_AMD_KDS_URL"),
    )
    .addOption(
      new Option("--intel-pcs-url <url>", "Intel's certification service, or a PCCS, if not Intel's own").env(
        "CONTRAST_INTEL_PCS_URL",
      ),
    )
    .addHelpText("after", HELP)
    .allowExcessArguments(false)
    .exitOverride()
    .action(run)
}

function listenOption(flag: `--${string}-listen`, description: string, fallback: ListenAddress): Option {
  return new Option(`${flag} <host:port>`, `${description}; port 0: any free one`)
    .env(`CONTRAST_${flag.slice(2).replaceAll("-", "_").toUpperCase()}`)
    .default(fallback, `${fallback.host}:${fallback.port}`)
    .argParser(parseListenAddress)
}

function parseHttpsUrl(text: string): string {
  if (URL.canParse(text) && new URL(text).protocol === "https:") return text
  throw new InvalidArgumentError("Expected an https address.")
}

function parseListenAddress(text: string): ListenAddress {
  const address = findListenAddress(text)
  if (address === undefined) throw new InvalidArgumentError("Expected host:port.")
  return address
}

function defaultThreads(): number {
  const processors = availableParallelism()
  return processors === 1 ? 0 : Math.min(processors, MAX_DEFAULT_THREADS)
}

function parseThreads(text: string): number {
  const threads = /^[0-9]{1,2}$/.test(text) ? Number(text) : Number.NaN
  if (!(threads <= MAX_THREADS)) throw new InvalidArgumentError(`Expected a number from 0 to ${MAX_THREADS}.`)
  return threads
}
