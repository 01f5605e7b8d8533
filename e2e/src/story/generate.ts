import assert from "node:assert/strict"
import { stat } from "node:fs/promises"
import { parseManifest } from "@contrast/manifest"
import { digestFolder } from "../folder-digest.ts"
import type { Scene } from "./scene.ts"
import type { Step } from "./step.ts"

export const generate: Step = {
  title: "generate gives every workload a policy and writes the manifest and the owner keys",
  why:
    "The manifest is what everybody verifies against: which policies may run, on what hardware, and who may change that. " +
    "The policy of each pod is bound to it by a hash that the hardware attests.",
  async act(scene) {
    await scene.generate()
    const manifest = parseManifest(await scene.stage.read("manifest.json"))
    assert.equal(manifest.policies.size, scene.hostData.size)
    for (const key of ["workload-owner.pem", "seedshare-owner.pem"]) {
      assert.equal((await stat(scene.stage.path(key))).mode & 0o777, 0o600)
    }
    return [
      ...[...scene.hostData].map(([name, hash]) => `${name}: policy ${hash.slice(0, 16)}…`),
      "workload-owner.pem may change the manifest, seedshare-owner.pem may recover; both are readable by you alone",
    ]
  },
}

export const generateAgain: Step = {
  title: "generate changes no byte when it runs again on the same files",
  why: "What you review and commit is what is deployed: the same input gives the same policies, manifest and YAML.",
  async act(scene) {
    const before = await workspaceDigest(scene)
    await scene.generate()
    assert.equal(await workspaceDigest(scene), before)
    return ["nothing changed"]
  },
}

function workspaceDigest(scene: Scene): Promise<string> {
  return digestFolder(scene.stage.folder)
}
