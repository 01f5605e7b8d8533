import { mkdir, readFile, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import path from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { execa } from "execa"
import { type Document, parseAllDocuments } from "yaml"
import { externalTool } from "./external-tool.ts"
import { repository } from "./program.ts"

const START_TIMEOUT_MS = 30_000
const COMMAND_TIMEOUT_MS = 60_000

/** Where OpenBao runs and whom it trusts. */
export interface OpenBaoOptions {
  readonly folder: string
  /** Where the Initializer left the files of the vault's pod. */
  readonly tlsFolder: string
  /** Port of the Coordinator's transit API. */
  readonly transitPort: number
}

interface Server {
  readonly child: ReturnType<typeof launch>
  hasEnded: boolean
  output: string
}

/** What a command of `bao` left. */
export interface Answer {
  readonly exitCode: number | undefined
  readonly output: string
}

/** A real OpenBao server in its own folder, with the configuration of the example that we deploy. */
export class OpenBao {
  readonly #options: OpenBaoOptions
  readonly #port: number
  readonly #configFile: string
  #server: Server | undefined

  private constructor(options: OpenBaoOptions, port: number, configFile: string) {
    this.#options = options
    this.#port = port
    this.#configFile = configFile
  }

  static async create(options: OpenBaoOptions): Promise<OpenBao> {
    const [port, clusterPort] = [await freePort(), await freePort()]
    const configFile = path.join(options.folder, "openbao.hcl")
    await mkdir(path.join(options.folder, "raft"), { recursive: true })
    await writeFile(configFile, adapt(await readExampleConfig(), options, port, clusterPort))
    return new OpenBao(options, port, configFile)
  }

  /** Starts the server and waits until it answers; with `isInitialised` until it has unsealed itself. */
  async start({ isInitialised }: { readonly isInitialised: boolean }): Promise<void> {
    const server: Server = { child: launch(this.#configFile), hasEnded: false, output: "" }
    server.child.all.on("data", (text: Buffer) => (server.output += text.toString()))
    void server.child.then(() => (server.hasEnded = true))
    this.#server = server
    const deadline = Date.now() + START_TIMEOUT_MS
    for (;;) {
      const { exitCode, output } = await this.bao(["status", "-format=json"])
      // Exit code 2 says sealed, which it is before it is initialised.
      if (exitCode === 0 || (!isInitialised && exitCode === 2)) return
      if (Date.now() > deadline || server.hasEnded) {
        await this.kill()
        throw new Error(`OpenBao did not start: ${output}\n${server.output}`)
      }
      await delay(200)
    }
  }

  /** Waits until the server has written such a line. */
  async waitForOutput(text: RegExp, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs
    while (!text.test(this.#server?.output ?? "")) {
      if (Date.now() > deadline) throw new Error(`OpenBao did not write ${text.source}`)
      await delay(1000)
    }
  }

  /** Tries to start where that must fail; without an exit code it had to be stopped, as it had started. */
  async failToStart(): Promise<Answer> {
    const { exitCode, all } = await launch(this.#configFile, START_TIMEOUT_MS)
    return { exitCode, output: all }
  }

  /** Has the server read its files again, as far as it does. */
  async reload(): Promise<void> {
    this.#server?.child.kill("SIGHUP")
    await this.waitForOutput(/reload triggered/, START_TIMEOUT_MS)
  }

  /** Ends the server as a lost machine would. */
  async kill(): Promise<void> {
    this.#server?.child.kill("SIGKILL")
    await this.#server?.child
  }

  /** Runs a command of the CLI with the files of a pod, the vault's own if none is named. */
  async bao(args: readonly string[], client: BaoClient = {}): Promise<Answer> {
    return this.#run(externalTool("bao"), args, client)
  }

  /** Runs what a Job's container runs, with the files of its pod. */
  async runJob(file: string, tlsFolder: string): Promise<Answer> {
    const { command, env } = await readJob(file)
    const memory = path.join(this.#options.folder, "shm")
    await mkdir(memory, { recursive: true })
    const [shell, ...args] = command.map((text) =>
      text.replaceAll("/contrast/tls-config", tlsFolder).replaceAll("/dev/shm", memory),
    )
    return this.#run(shell ?? "", args, { tlsFolder }, env)
  }

  async #run(file: string, args: readonly string[], client: BaoClient, more: Environment = {}): Promise<Answer> {
    const { tlsFolder = this.#options.tlsFolder, token = "" } = client
    const certificate = {
      BAO_CLIENT_CERT: path.join(tlsFolder, "certChain.pem"),
      BAO_CLIENT_KEY: path.join(tlsFolder, "key.pem"),
    }
    const env = {
      PATH: `${path.dirname(externalTool("bao"))}:/usr/bin:/bin`,
      HOME: this.#options.folder,
      BAO_ADDR: `https://127.0.0.1:${this.#port}`,
      BAO_CACERT: path.join(this.#options.tlsFolder, "mesh-ca.pem"),
      ...(client.hasCertificate !== false && certificate),
      BAO_TOKEN: token,
      BAO_MAX_RETRIES: "0",
      ...more,
    }
    const options = {
      env,
      extendEnv: false,
      reject: false,
      all: true,
      stdin: "ignore",
      timeout: COMMAND_TIMEOUT_MS,
    } as const
    const { exitCode, all } = await execa(file, args, options)
    return { exitCode, output: all }
  }
}

/** Who runs a command of the CLI. */
export interface BaoClient {
  readonly tlsFolder?: string
  readonly token?: string
  /** Shows no client certificate if false. */
  readonly hasCertificate?: boolean
}

type Environment = Readonly<Record<string, string>>

/** The one container of a Job: its command, and the variables that it gets from the ConfigMap beside it. */
async function readJob(file: string): Promise<{ readonly command: readonly string[]; readonly env: Environment }> {
  const documents = parseAllDocuments(await readFile(file, "utf8"))
  const job = documents.find((document) => document.get("kind") === "Job")
  const container = job?.toJS() as { spec: { template: { spec: { containers: [Container] } } } } // checked by Kubernetes' schemas
  const { command, env } = container.spec.template.spec.containers[0]
  const texts = env.flatMap(({ name, valueFrom }) => {
    if (valueFrom === undefined) return []
    const text = findConfigMap(documents)?.getIn(["data", valueFrom.configMapKeyRef.key])
    if (typeof text !== "string") throw new Error(`expected ${file} to hold the text of ${name}`)
    return [[name, text] as const]
  })
  return { command, env: Object.fromEntries(texts) }
}

interface Container {
  readonly command: readonly string[]
  readonly env: readonly { readonly name: string; readonly valueFrom?: { configMapKeyRef: { key: string } } }[]
}

/** The shell commands under a heading of the example's page, without those that need a cluster. */
export async function readDocumentedCommands(heading: string): Promise<string> {
  const text = await readFile(path.join(repository, "deploy/vault/README.md"), "utf8")
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? ""
  const blocks = [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = ""]) => block)
  const commands = blocks.join("").replaceAll(/^kubectl .*\n/gm, "")
  if (commands === "") throw new Error(`expected commands under ${heading}`)
  return commands
}

function launch(configFile: string, timeout = 0) {
  const args = ["server", `-config=${configFile}`]
  return execa(externalTool("bao"), args, { reject: false, all: true, stdin: "ignore", timeout, extendEnv: false })
}

/** The configuration in the ConfigMap of the example. */
async function readExampleConfig(): Promise<string> {
  const text = await readFile(path.join(repository, "deploy/vault/vault.yml"), "utf8")
  const config: unknown = findConfigMap(parseAllDocuments(text))?.getIn(["data", "openbao.hcl"])
  if (typeof config !== "string") throw new Error("expected the example's ConfigMap to hold openbao.hcl")
  return config
}

function findConfigMap(documents: readonly Document.Parsed[]): Document.Parsed | undefined {
  return documents.find((document) => document.get("kind") === "ConfigMap")
}

/** Puts this machine's places in where the example names those of the pod and the cluster; everything else stays. */
function adapt(
  config: string,
  { folder, tlsFolder, transitPort }: OpenBaoOptions,
  port: number,
  clusterPort: number,
): string {
  const places: readonly (readonly [from: string, to: string])[] = [
    ["/contrast/tls-config", tlsFolder],
    ["/state/raft", path.join(folder, "raft")],
    ['"0.0.0.0:8200"', `"127.0.0.1:${port}"\n  cluster_address = "127.0.0.1:${clusterPort}"`],
    ["https://vault-0.vault:8201", `https://127.0.0.1:${clusterPort}`],
    ["https://vault:8200", `https://127.0.0.1:${port}`],
    ['"https://coordinator-ready:8200"', `"https://127.0.0.1:${transitPort}"`],
  ]
  return places.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`expected the example's configuration to name ${from}`)
    return text.replaceAll(from, to)
  }, config)
}

/** A port that is free now; the system does not hand it out again for a while. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== "object" || address === null) throw new Error("expected a TCP address")
  return address.port
}
