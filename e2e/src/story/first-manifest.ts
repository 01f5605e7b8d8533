import assert from "node:assert/strict"
import { mkdir, readdir } from "node:fs/promises"
import { initdataHash } from "@contrast/policy"
import type { Step } from "./step.ts"
import { type Scene, succeeded } from "./scene.ts"

export const startEmpty: Step = {
  title: "the Coordinator starts on an empty data directory and waits for a manifest",
  why: "It holds no secret yet. Until somebody sets a manifest there is nothing that it could vouch for.",
  async act(scene) {
    await mkdir(scene.dataDirectory)
    await scene.startCoordinator()
    assert.equal(await scene.coordinator.isReady(), false)
    return [`API for people at ${scene.coordinator.userAddress}, for workloads at ${scene.coordinator.meshAddress}`]
  },
}

export const setFirst: Step = {
  title: "set attests the Coordinator, hands it the manifest, and returns seed shares and CA files",
  why:
    "The Coordinator draws a random seed, from which all that lasts is derived. It gives the seed back once, encrypted to " +
    "the seed share owners, so that they can recover the deployment; nobody else ever sees it.",
  async act(scene) {
    succeeded(await scene.contrast("set", "resources"))
    const shares = JSON.parse((await scene.stage.read("seed-shares.json")).toString("utf8")) as {
      SeedShares: unknown[]
    }
    assert.equal(shares.SeedShares.length, 1)
    for (const file of ["coordinator-root-ca.pem", "mesh-ca.pem"]) {
      assert.match((await scene.stage.read(file)).toString("utf8"), /^-----BEGIN CERTIFICATE-----/)
    }
    assert.equal(await scene.coordinator.isReady(), true)
    return ["seed-shares.json, coordinator-root-ca.pem and mesh-ca.pem are in the workspace; the Coordinator is ready"]
  },
}

export const verifyFirst: Step = {
  title: "verify downloads manifests and policies and finds them equal to the local ones",
  why:
    "Anyone can do this, not just the owner: attest the Coordinator, then read which manifests it has ever enforced. " +
    "The last transition is remembered here, so that an older history cannot be passed off as the current one later.",
  async act(scene) {
    succeeded(await scene.contrast("verify", "resources"))
    assert.deepEqual(await scene.stage.read("verify/manifest.0.json"), await scene.stage.read("manifest.json"))
    const policies = await readPolicies(scene)
    assert.deepEqual(policies, [...scene.hostData.values()].toSorted())
    const transition = (await scene.stage.read("verify/latest-transition")).toString("utf8").trim()
    assert.match(transition, /^[0-9a-f]{64}$/)
    return [
      `the history has one manifest, and it is ours; latest transition ${transition.slice(0, 16)}…`,
      `its ${policies.length} policies are those in the annotations of our YAML`,
    ]
  },
}

/** Hashes of the policies that `verify` downloaded; each file has the name of its own. */
async function readPolicies({ stage }: Scene): Promise<readonly string[]> {
  const names = (await readdir(stage.path("verify"))).filter((name) => name.startsWith("initdata."))
  const hashes: string[] = []
  for (const name of names) {
    const hash = initdataHash(await stage.read("verify", name))
    assert.equal(name, `initdata.${hash}.toml`)
    hashes.push(hash)
  }
  return hashes.toSorted()
}
