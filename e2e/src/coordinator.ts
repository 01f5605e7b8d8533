import { readFile } from "node:fs/promises"
import { insecurePlatform, type Platform } from "./platform.ts"
import type { Invocation } from "./program.ts"
import { Service } from "./service.ts"

export interface CoordinatorOptions {
  readonly cwd: string
  readonly dataDirectory: string
  /** Where it runs; by default on no hardware. */
  readonly platform?: Platform
  /** What the platform attests for this Coordinator: the hash of its own initdata, in hex. */
  readonly hostData: string
  readonly logLevel?: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly wrapper?: Invocation["wrapper"]
  /** Told of the process at once, so that it is stopped even if it never gets ready. */
  readonly keep?: (service: Service) => void
}

const LISTENERS = ["user", "mesh", "transit", "probe"] as const
const LISTEN = LISTENERS.flatMap((listener) => [`--${listener}-listen`, "127.0.0.1:0"])

type Ports = Readonly<Record<(typeof LISTENERS)[number], number>>

/** A Coordinator of its own process, on ports that the system chose. */
export class Coordinator {
  readonly service: Service
  readonly userPort: number
  readonly meshPort: number
  readonly transitPort: number
  readonly probePort: number

  private constructor(service: Service, ports: Ports) {
    this.service = service
    this.userPort = ports.user
    this.meshPort = ports.mesh
    this.transitPort = ports.transit
    this.probePort = ports.probe
  }

  static async start(options: CoordinatorOptions): Promise<Coordinator> {
    const service = Coordinator.spawn(options)
    const portOf = async (listener: string): Promise<number> => {
      const line = await service.waitForLog((line) => line["event"] === "listening" && line["listener"] === listener)
      return Number(line["port"])
    }
    const ports = await Promise.all(LISTENERS.map(portOf))
    const [user = 0, mesh = 0, transit = 0, probe = 0] = ports
    return new Coordinator(service, { user, mesh, transit, probe })
  }

  /** Starts the program without waiting for its ports, for starts that must fail. */
  static spawn(options: CoordinatorOptions): Service {
    const { cwd, dataDirectory, logLevel = "debug", args = [], env = {}, wrapper = [] } = options
    const platform = options.platform ?? insecurePlatform
    const guest = platform.guest(options.hostData)
    const service = new Service({
      program: "contrast-coordinator",
      args: ["--data-dir", dataDirectory, ...guest.args, "--log-level", logLevel, ...LISTEN, ...args],
      command: platform.command,
      cwd,
      wrapper,
      env: { ...platform.env, ...guest.env, CONTRAST_METRICS: "", ...env },
    })
    options.keep?.(service)
    return service
  }

  /** What `contrast … -c` takes. */
  get userAddress(): string {
    return `127.0.0.1:${this.userPort}`
  }

  get meshAddress(): string {
    return `127.0.0.1:${this.meshPort}`
  }

  async isReady(): Promise<boolean> {
    return (await fetch(`http://127.0.0.1:${this.probePort}/probe/readiness`)).ok
  }

  async metrics(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.probePort}/metrics`)).text()
  }

  /** Memory that the process holds at this moment. */
  async residentBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.service.pid}/status`, "utf8")
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
  }

  /** Ends it as a lost machine would. */
  async crash(): Promise<void> {
    await this.service.stop("SIGKILL")
  }

  async stop(): Promise<number | NodeJS.Signals> {
    return this.service.stop()
  }
}
