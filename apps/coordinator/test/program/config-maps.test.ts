import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openSeedShare } from "@contrast/crypto"
import { afterEach, beforeEach, expect, test } from "@jest/globals"
import type { SetManifestResponse } from "@contrast/protocol"
import { Cluster } from "../support/cluster.ts"
import { CoordinatorProcess, type ServingProcess } from "../support/coordinator-process.ts"
import { COORDINATOR, DATABASE, manifestOf, seedshareKey } from "../support/deployment.ts"

const SECOND = {
  Manifest: manifestOf({ Policies: { [COORDINATOR.hash]: { SANs: ["second"], Role: "coordinator" } } }),
  Policies: [COORDINATOR.bytes],
}

let cluster: Cluster
let directory: string
const started: CoordinatorProcess[] = []

beforeEach(async () => {
  cluster = await Cluster.start()
  directory = await mkdtemp(join(tmpdir(), "coordinator-"))
})
afterEach(async () => {
  await Promise.all(started.splice(0).map((coordinator) => coordinator.kill("SIGKILL")))
  await rm(directory, { recursive: true })
  await cluster.stop()
})

test("keeps its history in ConfigMaps, and recovers from them in another pod, or when they were put back", async () => {
  const first = await serve()
  const { seed, salt } = seedOf(await first.caller.set())
  const { WorkloadSecret: secret } = await first.caller.newMeshCert({ hostData: DATABASE.hash })
  const history = await first.caller.getManifests()
  await first.process.kill("SIGKILL")
  const configMaps = [...cluster.configMaps.values()]

  for (const lost of [false, true]) {
    if (lost) {
      cluster.configMaps.clear()
      for (const configMap of configMaps) cluster.apply(configMap)
    }
    const next = await serve()
    await expect(next.caller.getManifests()).rejects.toMatchObject({ code: "NEEDS_RECOVERY" })

    await next.caller.recover({ seed, salt })

    expect((await next.caller.getManifests()).Manifests).toEqual(history.Manifests)
    expect((await next.caller.newMeshCert({ hostData: DATABASE.hash })).WorkloadSecret).toEqual(secret)
    await next.process.kill("SIGKILL")
  }
  expect(await readdir(directory)).toEqual([])
}, 60_000)

test("serves nothing more once another Coordinator has moved the history on", async () => {
  const first = await serve()
  const { seed, salt } = seedOf(await first.caller.set())
  const second = await serve()
  await second.caller.recover({ seed, salt })
  await second.caller.set(SECOND)

  await first.process.waitFor(({ event }) => event === "history-overtaken")

  await expect(first.caller.newMeshCert()).rejects.toMatchObject({ code: "MESH_NOT_READY" })
  await first.caller.recover({ seed, salt })
  expect((await first.caller.getManifests()).Manifests).toHaveLength(2)
}, 60_000)

test("does not start without an API server, and says so", async () => {
  const args = [...flags(), "--insecure-host-data", COORDINATOR.hash]
  await cluster.goDown()

  const coordinator = new CoordinatorProcess({ args })

  expect(await coordinator.ended).toBe(1)
  expect(coordinator.log.at(-1)).toMatchObject({ code: "STORE", reason: expect.stringContaining("Kubernetes") })
})

function seedOf({ SeedSharesDoc }: SetManifestResponse): { seed: Uint8Array; salt: Uint8Array } {
  const { SeedShares: shares = [], salt = new Uint8Array() } = SeedSharesDoc ?? {}
  const seedShares = shares.map(({ PublicKey, EncryptedSeed }) => ({
    publicKey: PublicKey,
    encryptedSeed: EncryptedSeed,
  }))
  return { seed: openSeedShare({ seedShares, salt }, seedshareKey), salt }
}

async function serve(): Promise<ServingProcess> {
  const serving = await CoordinatorProcess.serve(directory, { args: flags() })
  started.push(serving.process)
  return serving
}

function flags(): readonly string[] {
  const { url, serviceAccountDirectory } = cluster.access
  return ["--history", "configmaps", "--kubernetes-url", url, "--service-account-dir", serviceAccountDirectory]
}
