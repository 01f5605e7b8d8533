import assert from "node:assert/strict"
import { readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import { readHostData } from "../pod-spec.ts"
import type { Coordinator, CoordinatorOptions } from "../coordinator.ts"
import type { Finished } from "../program.ts"
import type { Stage } from "../stage.ts"
import { Pod } from "../workload.ts"

/** The two workloads that the story follows, each with the files that it was given. */
export type EnrolledPods = Readonly<Record<"web" | "db", Pod>>

/** What the steps of the story hand on to each other. */
export class Scene {
  readonly stage: Stage
  /** Identity of each workload's pods as `generate` last made it, by workload name. */
  hostData: ReadonlyMap<string, string> = new Map()
  /** What a step noted for a later one to compare with. */
  readonly notes = new Map<string, string>()
  #coordinator: Coordinator | undefined
  #pods: EnrolledPods | undefined
  #leftOver: Pod | undefined
  #podCount = 0

  constructor(stage: Stage) {
    this.stage = stage
  }

  get coordinator(): Coordinator {
    assert(this.#coordinator, "the story starts the Coordinator before it is called")
    return this.#coordinator
  }

  get pods(): EnrolledPods {
    assert(this.#pods, "the story enrols the pods before it uses them")
    return this.#pods
  }

  set pods(pods: EnrolledPods) {
    this.#pods = pods
  }

  /** A pod of a workload that a later manifest no longer has. */
  get leftOver(): Pod {
    assert(this.#leftOver, "the story removes a workload before it asks for it")
    return this.#leftOver
  }

  set leftOver(pod: Pod) {
    this.#leftOver = pod
  }

  /** The file that names the head of the history. */
  get latestFile(): string {
    return path.join(this.dataDirectory, "history/transitions/latest")
  }

  get dataDirectory(): string {
    return this.stage.path("coordinator-data")
  }

  async startCoordinator(options: Partial<CoordinatorOptions> = {}): Promise<void> {
    const hostData = this.identityOf("coordinator")
    this.#coordinator = await this.stage.startCoordinator({ dataDirectory: this.dataDirectory, hostData, ...options })
  }

  async generate(): Promise<Finished> {
    const { platform } = this.stage
    const flags = [...platform.generateFlags, "--reference-values", platform.name]
    const finished = await this.stage.contrast("generate", ...flags, "resources")
    succeeded(finished)
    const manifest = this.stage.path("manifest.json")
    await writeFile(manifest, platform.completeManifest(await readFile(manifest, "utf8")))
    this.hostData = await readHostData(this.stage.path("resources"))
    return finished
  }

  /** Runs a command of the CLI against the Coordinator. */
  contrast(command: "set" | "verify" | "recover", ...args: string[]): Promise<Finished> {
    return this.stage.contrast(command, "--coordinator", this.coordinator.userAddress, ...args)
  }

  identityOf(workload: string): string {
    const hostData = this.hostData.get(workload)
    assert(hostData !== undefined, `the example has a workload ${workload}`)
    return hostData
  }

  /** A fresh pod of a workload, with nothing in it yet. */
  newPod(workload: string): Pod {
    this.#podCount += 1
    return new Pod(this.stage, `${workload}-${this.#podCount}`, this.identityOf(workload))
  }

  note(name: string): string {
    const value = this.notes.get(name)
    assert(value !== undefined, `an earlier step notes the ${name}`)
    return value
  }
}

export function succeeded(finished: Finished): void {
  assert.equal(finished.exitCode, 0, `expected success, got:\n${finished.stdout}\n${finished.stderr}`)
}

/** Checks a refusal and gives what it says, for people to read. */
export function refused({ exitCode, stderr }: Finished, expectedCode: number, message: RegExp): string {
  assert.equal(exitCode, expectedCode, `expected exit code ${expectedCode}, got ${exitCode}:\n${stderr}`)
  const line = stderr.split("\n").find((text) => text.startsWith("error: ")) ?? ""
  assert.match(line, message, stderr)
  return `exit code ${exitCode}, ${line}`
}
