import { randomBytes } from "node:crypto"
import { createSeedEngine, SALT_BYTES, SEED_BYTES, type SeedEngine } from "@contrast/crypto"
import { type Manifest, parseManifest } from "@contrast/manifest"
import { findInitdata, findWorkloads, parseKubernetesFile } from "@contrast/policy"
import { type Coordinator, readHostData, Stage } from "@contrast/e2e"
import { mkdir, readdir } from "node:fs/promises"

/** The demo's deployment as `generate` prepares it, with a seed of our own choice to make histories from. */
export interface Deployment {
  readonly stage: Stage
  readonly manifestBytes: Uint8Array
  readonly manifest: Manifest
  readonly policies: readonly Uint8Array[]
  readonly hostData: ReadonlyMap<string, string>
  readonly engine: SeedEngine
}

export async function prepareDeployment(): Promise<Deployment> {
  const stage = await Stage.open()
  const platform = ["--INSECURE", "--reference-values", "Metal-QEMU-Insecure"]
  const generated = await stage.contrast("generate", ...platform, "resources")
  if (generated.exitCode !== 0) throw new Error(`generate failed:\n${generated.stderr}`)
  const manifestBytes = new Uint8Array(await stage.read("manifest.json"))
  return {
    stage,
    manifestBytes,
    manifest: parseManifest(manifestBytes),
    policies: await readPolicies(stage),
    hostData: await readHostData(stage.path("resources")),
    engine: createSeedEngine(randomBytes(SEED_BYTES), randomBytes(SALT_BYTES)),
  }
}

/** A Coordinator on this data directory, which is made if it is not there. */
export async function startCoordinator(deployment: Deployment, dataDirectory: string): Promise<Coordinator> {
  await mkdir(dataDirectory, { recursive: true })
  const hostData = deployment.hostData.get("coordinator") ?? ""
  return deployment.stage.startCoordinator({ dataDirectory, hostData, logLevel: "info" })
}

async function readPolicies(stage: Stage): Promise<readonly Uint8Array[]> {
  const names = await readdir(stage.path("resources"))
  const files = await Promise.all(
    names.map(async (name) => parseKubernetesFile(name, (await stage.read("resources", name)).toString("utf8"))),
  )
  return findWorkloads(files).flatMap((workload) => findInitdata(workload) ?? [])
}
