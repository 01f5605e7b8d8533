import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { Coordinator, type CoordinatorOptions } from "./coordinator.ts"
import { insecurePlatform, type Platform } from "./platform.ts"
import { type Finished, type Invocation, type ProgramName, repository, runProgram } from "./program.ts"
import { Service } from "./service.ts"

/** The example YAML that the story is played with. */
export const exampleFolder: string = path.join(repository, "deploy/examples")

export interface StageOptions {
  /** Where everything runs; by default on no hardware. */
  readonly platform?: Platform
  /** Told of every command before it runs. */
  readonly onCommand?: (line: string) => void
  /** Whether the CLI says all that it can. */
  readonly isVerbose?: boolean
}

/** One temporary folder with all that is started in it: what a test or the demo plays on, gone when it closes. */
export class Stage {
  readonly folder: string
  readonly platform: Platform
  readonly #options: StageOptions
  readonly #services: Service[] = []
  readonly #finished: Finished[] = []

  private constructor(folder: string, options: StageOptions) {
    this.folder = folder
    this.platform = options.platform ?? insecurePlatform
    this.#options = options
  }

  /** Opens a stage with the example YAML in its folder `resources`, for workloads of the platform. */
  static async open(options: StageOptions = {}): Promise<Stage> {
    const stage = new Stage(await mkdtemp(path.join(tmpdir(), "contrast-")), options)
    await cp(exampleFolder, stage.path("resources"), { recursive: true })
    for (const name of await readdir(stage.path("resources")))
      await stage.#setRuntimeClass(stage.path("resources", name))
    return stage
  }

  path(...names: string[]): string {
    return path.join(this.folder, ...names)
  }

  read(...names: string[]): Promise<Buffer> {
    return readFile(this.path(...names))
  }

  async run(program: ProgramName, args: readonly string[], env: Invocation["env"] = {}): Promise<Finished> {
    this.#tell(program, args)
    const finished = await runProgram(this.#invocation(program, args, env))
    this.#finished.push(finished)
    return finished
  }

  /** The command line a person would type. */
  contrast(...args: string[]): Promise<Finished> {
    return this.run("contrast", this.#options.isVerbose === true ? [...args, "--log-level", "debug"] : args)
  }

  launch(program: ProgramName, args: readonly string[], env: Invocation["env"] = {}): Service {
    this.#tell(program, args)
    return this.#keep(new Service(this.#invocation(program, args, env)))
  }

  async startCoordinator(options: Omit<CoordinatorOptions, "cwd" | "keep">): Promise<Coordinator> {
    this.#tell("contrast-coordinator", ["--data-dir", path.relative(this.folder, options.dataDirectory)])
    const { folder: cwd, platform } = this
    return Coordinator.start({ platform, ...options, cwd, keep: (service) => void this.#keep(service) })
  }

  /** All that the programs have written so far. */
  get outputs(): readonly string[] {
    const finished = this.#finished.flatMap(({ stdout, stderr }) => [stdout, stderr])
    return [...finished, ...this.#services.map((service) => service.output)]
  }

  get services(): readonly Service[] {
    return this.#services
  }

  async close(): Promise<void> {
    await Promise.all(this.#services.map((service) => service.stop("SIGKILL")))
    await rm(this.folder, { recursive: true, force: true })
  }

  #invocation(program: ProgramName, args: readonly string[], env: Invocation["env"]): Invocation {
    const { command, env: common } = this.platform
    return { program, args, command, cwd: this.folder, env: { ...common, ...env } }
  }

  async #setRuntimeClass(file: string): Promise<void> {
    const text = await readFile(file, "utf8")
    const { runtimeClass } = this.platform
    await writeFile(file, text.replaceAll(/(?<=runtimeClassName: )contrast-insecure/g, runtimeClass))
  }

  #keep(service: Service): Service {
    this.#services.push(service)
    return service
  }

  #tell(program: ProgramName, args: readonly string[]): void {
    this.#options.onCommand?.([program, ...args].join(" "))
  }
}
