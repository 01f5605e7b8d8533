import assert from "node:assert/strict"
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { encodeWorkloadOwnerKey, generateWorkloadOwnerKey } from "@contrast/crypto"
import { refused, type Scene, succeeded } from "./scene.ts"
import type { Step } from "./step.ts"

export const setSecond: Step = {
  title: "a second manifest needs the owner's key and the transition it follows; a wrong key is refused",
  why:
    "Whoever may change the manifest decides what may run. Naming the transition that the change follows makes it atomic: " +
    "of two owners who change it at once, one is told so.",
  async act(scene) {
    const first = (await scene.stage.read("verify/latest-transition")).toString("utf8").trim()
    await noteHistory(scene, first)
    await rm(scene.stage.path("resources/job.yml"))
    scene.leftOver = scene.newPod("job")
    await scene.generate()
    await writeFile(scene.stage.path("other-owner.pem"), encodeWorkloadOwnerKey(generateWorkloadOwnerKey()), {
      mode: 0o600,
    })
    const other = await scene.contrast("set", "--atomic", "--workload-owner-key", "other-owner.pem", "resources")
    const wrongKey = refused(other, 1, /not that of a workload owner/)
    succeeded(await scene.contrast("set", "--atomic", "resources"))
    const late = await scene.contrast("set", "--atomic", "--latest-transition", first, "resources")
    return [
      `another key: ${wrongKey}`,
      "the owner's key: accepted",
      `a change that follows an old transition: ${refused(late, 5, /transition/)}`,
    ]
  },
}

export const setSigned: Step = {
  title: "a third manifest is accepted with a detached signature, without the key at hand",
  why: "The owner key can stay on a machine of its own, or in a hardware token: sign there, carry the signature over, and set.",
  async act(scene) {
    succeeded(await scene.contrast("verify"))
    await changeWeb(scene)
    await scene.generate()
    await mkdir(scene.stage.path("offline"))
    await rename(scene.stage.path("workload-owner.pem"), scene.stage.path("offline/workload-owner.pem"))
    const key = ["--workload-owner-key", "offline/workload-owner.pem"]
    succeeded(await scene.stage.contrast("sign", ...key, "--out", "transition.sig"))
    const without = refused(await scene.contrast("set", "resources"), 1, /workload owner/)
    succeeded(await scene.contrast("set", "--atomic", "--signature", "transition.sig", "resources"))
    await rename(scene.stage.path("offline/workload-owner.pem"), scene.stage.path("workload-owner.pem"))
    succeeded(await scene.contrast("verify"))
    return [`neither key nor signature: ${without}`, "the signature in transition.sig: accepted"]
  },
}

export const refuseLeftOver: Step = {
  title: "a workload whose policy is gone from the manifest is refused",
  why: "Removing a policy takes effect at once: the pod still attests honestly, but the manifest no longer grants it anything.",
  async act(scene) {
    const initializer = await scene.leftOver.startInitializer(scene.coordinator.meshAddress)
    await initializer.waitForOutput(/policy hash [0-9a-f]{64} not found in manifest/)
    await initializer.stop()
    assert.equal(await scene.leftOver.isDone(), false)
    return ["the job's Initializer is told that its policy hash is not in the manifest, and gets no files"]
  },
}

/** What a host could keep aside to put back later. */
async function noteHistory(scene: Scene, transition: string): Promise<void> {
  const latest = await readFile(scene.latestFile)
  scene.notes.set("first latest", latest.toString("base64"))
  scene.notes.set("first transition", transition)
}

async function changeWeb(scene: Scene): Promise<void> {
  const file = scene.stage.path("resources/web.yml")
  const text = await readFile(file, "utf8")
  await writeFile(file, text.replace("hello from web", "hello again from web"))
}
