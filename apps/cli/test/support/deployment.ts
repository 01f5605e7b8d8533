import { decodeUtf8 } from "@contrast/crypto"
import { parseManifest } from "@contrast/manifest"
import { Folder } from "./folder.ts"
import { PEMS } from "./keys.ts"
import type { Finished, RunOptions } from "./program.ts"
import { COORDINATOR, INSECURE, deployment } from "./resources.ts"
import { StandIn } from "./stand-in.ts"

const WORKSPACE = {
  "resources/coordinator.yml": COORDINATOR,
  "resources/web.yml": deployment("web"),
  "workload-owner.pem": PEMS.workload,
  "seedshare-owner.pem": PEMS.seedshare,
}

/** What `generate` makes of the workspace, once for a test file. */
let generated: Promise<Readonly<Record<string, Uint8Array>>> | undefined

async function generate(): Promise<Readonly<Record<string, Uint8Array>>> {
  const folder = await Folder.create(WORKSPACE)
  try {
    await folder.run(["generate", ...INSECURE, "resources"])
    const names = await folder.names()
    return Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await folder.readBytes(name)] as const)),
    )
  } finally {
    await folder.close()
  }
}

/** A workspace with a generated manifest, and a Coordinator without one. */
export class Deployment {
  readonly folder: Folder
  readonly standIn: StandIn

  private constructor(folder: Folder, standIn: StandIn) {
    this.folder = folder
    this.standIn = standIn
  }

  /** @param hostData - What the Coordinator attests instead of its policy hash. */
  static async start(hostData?: string): Promise<Deployment> {
    generated ??= generate()
    const folder = await Folder.create(await generated)
    const { policies } = parseManifest(await folder.readBytes("manifest.json"))
    const [hash] = [...policies].flatMap(([policy, { role }]) => (role === "coordinator" ? [policy] : []))
    return new Deployment(folder, await StandIn.start(hostData ?? hash ?? ""))
  }

  /** Runs a command against the Coordinator. */
  run(args: readonly string[], options?: RunOptions): Promise<Finished> {
    const [command = "", ...others] = args
    return this.folder.run([command, "--coordinator", this.standIn.address, ...others], options)
  }

  /** Sets the first manifest and remembers its transition, as the commands would. */
  async setAndVerify(): Promise<void> {
    await this.run(["set", "resources"])
    await this.run(["verify"])
  }

  /** Changes the manifest into another one of the same policies, and returns its text. */
  async changeManifest(): Promise<string> {
    const text = decodeUtf8(await this.folder.readBytes("manifest.json"))
    const changed = text.replace(/"web",/, '"web",\n        "also-web",')
    await this.folder.write("manifest.json", changed)
    return changed
  }

  async close(): Promise<void> {
    await this.standIn.close()
    await this.folder.close()
  }
}
