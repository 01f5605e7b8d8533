import { access, mkdir, readFile } from "node:fs/promises"
import path from "node:path"
import type { Finished } from "./program.ts"
import type { Service } from "./service.ts"
import type { Stage } from "./stage.ts"

/** One pod of a workload: its own root folder stands for the guest's file system. */
export class Pod {
  readonly stage: Stage
  readonly root: string
  readonly hostData: string

  constructor(stage: Stage, name: string, hostData: string) {
    this.stage = stage
    this.root = stage.path("pods", name)
    this.hostData = hostData
  }

  /** Runs the Initializer as the pod's first container, to its end. */
  async initialize(coordinator: string): Promise<Finished> {
    await mkdir(this.root, { recursive: true })
    return this.stage.run("contrast-initializer", ...this.#surroundings(coordinator))
  }

  /** Starts the Initializer where it is not expected to end: it tries again until it is stopped. */
  async startInitializer(coordinator: string): Promise<Service> {
    await mkdir(this.root, { recursive: true })
    return this.stage.launch("contrast-initializer", ...this.#surroundings(coordinator))
  }

  get tlsFolder(): string {
    return path.join(this.root, "contrast/tls-config")
  }

  read(...names: string[]): Promise<Buffer> {
    return readFile(path.join(this.root, ...names))
  }

  /** The workload secret as the Initializer left it: hex, without a newline. */
  async secret(): Promise<string> {
    return (await this.read("contrast/secrets/workload-secret-seed")).toString("utf8")
  }

  async isDone(): Promise<boolean> {
    return access(path.join(this.root, "done")).then(
      () => true,
      () => false,
    )
  }

  #surroundings(coordinator: string) {
    const { args, env } = this.stage.platform.guest(this.hostData)
    return [
      ["--root-dir", this.root, ...args],
      { ...env, COORDINATOR_HOST: coordinator, CONTRAST_LOG_LEVEL: "debug" },
    ] as const
  }
}
