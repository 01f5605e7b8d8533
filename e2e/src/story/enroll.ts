import assert from "node:assert/strict"
import { stat } from "node:fs/promises"
import path from "node:path"
import { parseCertificatesPem, verifyChain } from "@contrast/crypto"
import type { Pod } from "../workload.ts"
import { type EnrolledPods, type Scene, succeeded } from "./scene.ts"
import type { Step } from "./step.ts"

/** Modes of what the Initializer leaves: the key and the secret are for the pod's own user alone. */
const EXPECTED_MODES = {
  "contrast/tls-config/certChain.pem": 0o444,
  "contrast/tls-config/key.pem": 0o400,
  "contrast/tls-config/mesh-ca.pem": 0o444,
  "contrast/tls-config/coordinator-root-ca.pem": 0o444,
  "contrast/secrets/workload-secret-seed": 0o400,
}

export const enroll: Step = {
  title: "the Initializer attests web and db and gets certificates and secrets for them",
  why:
    "Before the application starts, its pod proves which policy it runs under. The Coordinator looks that policy up in the " +
    "manifest, and issues just the names and the secret that the manifest grants it.",
  async act(scene) {
    const pods = await enrollWebAndDb(scene)
    scene.pods = pods
    scene.notes.set("web secret", await pods.web.secret())
    scene.notes.set("db secret", await pods.db.secret())
    assert.notEqual(scene.note("web secret"), scene.note("db secret"))
    return Object.entries(EXPECTED_MODES).map(([name, mode]) => `${name} (mode 0${mode.toString(8)})`)
  },
}

export async function enrollWebAndDb(scene: Scene): Promise<EnrolledPods> {
  const pods = { web: scene.newPod("web"), db: scene.newPod("db") }
  for (const pod of Object.values(pods)) {
    succeeded(await pod.initialize(scene.coordinator.meshAddress))
    await checkFiles(pod)
  }
  return pods
}

async function checkFiles(pod: Pod): Promise<void> {
  for (const [name, mode] of Object.entries(EXPECTED_MODES)) {
    assert.equal((await stat(path.join(pod.root, name))).mode & 0o777, mode, name)
  }
  assert(await pod.isDone())
  assert.match(await pod.secret(), /^[0-9a-f]{128}$/)
  const [leaf, ...intermediates] = await certificates(pod, "certChain.pem")
  assert(leaf)
  verifyChain({ leaf, intermediates, roots: await certificates(pod, "coordinator-root-ca.pem"), now: new Date() })
  verifyChain({ leaf, intermediates: [], roots: await certificates(pod, "mesh-ca.pem"), now: new Date() })
}

async function certificates(pod: Pod, name: string) {
  return parseCertificatesPem(await pod.read("contrast/tls-config", name))
}
