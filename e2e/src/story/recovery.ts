import assert from "node:assert/strict"
import { createPublicKey, type KeyObject, X509Certificate } from "node:crypto"
import { readdir, readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import {
  createSeedEngine,
  encodeOwnerPublicKey,
  encodeHex,
  encodeSeedShareDocument,
  encodeSeedshareOwnerKey,
  generateSeedshareOwnerKey,
  openSeedShare,
  parseSeedshareOwnerKey,
  parseSeedShareDocument,
  sealSeedShares,
} from "@contrast/crypto"
import { parseLatestTransition, verifyLatestTransition } from "@contrast/manifest"
import { digestFolder } from "../folder-digest.ts"
import { enrollWebAndDb } from "./enroll.ts"
import { refused, type Scene, succeeded } from "./scene.ts"
import type { Step } from "./step.ts"

export const crash: Step = {
  title: "killed and started again on its data, the Coordinator serves nothing and asks for recovery",
  why:
    "The seed was only ever in its memory. The data directory belongs to the host, so it holds nothing secret, and nothing " +
    "in it is believed before the seed has been used to check it.",
  async act(scene) {
    scene.notes.set("root key", await rootKey(scene, "verify/coordinator-root-ca.pem"))
    await scene.coordinator.crash()
    await scene.startCoordinator()
    assert.equal(await scene.coordinator.isReady(), false)
    const set = refused(await scene.contrast("set", "resources"), 4, /recover/)
    const verify = refused(await scene.contrast("verify"), 4, /recover/)
    return [`set: ${set}`, `verify: ${verify}`, "readiness probe: not ready"]
  },
}

export const refuseWrongKey: Step = {
  title: "recovery with another key is refused, even with the right seed",
  why: "A stolen seed is not enough: the Coordinator takes it only from a seed share owner that its persisted manifest names.",
  async act(scene) {
    const other = await generateSeedshareOwnerKey()
    await writeFile(scene.stage.path("other-seedshare-owner.pem"), encodeSeedshareOwnerKey(other), { mode: 0o600 })
    const keyArgument = ["--seedshare-owner-key", "other-seedshare-owner.pem"]
    const foreign = await unchanged(scene, () => scene.contrast("recover", ...keyArgument))
    const { seed, salt } = await openShares(scene)
    await writeShares(scene, "stolen-shares.json", sealSeedShares({ seed, salt, ownerPublicKeys: [ownerHex(other)] }))
    const stolen = await unchanged(scene, () =>
      scene.contrast("recover", ...keyArgument, "--seed", "stolen-shares.json"),
    )
    return [
      `no share for this key: ${refused(foreign, 1, /share/)}`,
      `the right seed from a stranger: ${refused(stolen, 1, /not authori[sz]ed|seed ?share owner/i)}`,
    ]
  },
}

export const refuseWrongSeed: Step = {
  title: "recovery with a wrong seed is refused",
  why: "The key derived from the seed must verify the signature over the history; only the seed that made it does.",
  async act(scene) {
    const { seed, salt, key } = await openShares(scene)
    const wrong = seed.map((byte, index) => (index === 0 ? byte ^ 1 : byte))
    await writeShares(
      scene,
      "wrong-shares.json",
      sealSeedShares({ seed: wrong, salt, ownerPublicKeys: [ownerHex(key)] }),
    )
    const finished = await unchanged(scene, () => scene.contrast("recover", "--seed", "wrong-shares.json"))
    return [refused(finished, 1, /seed/)]
  },
}

export const refuseTampered: Step = {
  title: "recovery to a tampered history is refused",
  why: "The host can write to the data directory. Every file is named by its hash, so one changed bit does not pass.",
  async act(scene) {
    const [name] = await readdir(path.join(scene.dataDirectory, "history/manifests"))
    assert(name !== undefined)
    const file = path.join(scene.dataDirectory, "history/manifests", name)
    const original = await readFile(file)
    await writeFile(file, original.with(7, (original[7] ?? 0) ^ 1))
    const finished = await unchanged(scene, () => scene.contrast("recover"))
    await writeFile(file, original)
    return [`one bit of one manifest flipped: ${refused(finished, 1, /history|manifest/)}`]
  },
}

export const refuseRollback: Step = {
  title: "recovery to a rolled-back history is refused",
  why:
    "An older history is correctly signed, and would bring back policies that the owner has removed. But the CLI remembers " +
    "the last transition it saw, and the Coordinator recovers to no history without it.",
  async act(scene) {
    const current = await readFile(scene.latestFile)
    await writeFile(scene.latestFile, Buffer.from(scene.note("first latest"), "base64"))
    const finished = await unchanged(scene, () => scene.contrast("recover"))
    await writeFile(scene.latestFile, current)
    return [`the first manifest put back: ${refused(finished, 1, /roll|transition/i)}`]
  },
}

export const recover: Step = {
  title: "with the right key the Coordinator recovers, with the same root key, signing key and workload secrets",
  why: "All of these are derived from the seed. Workloads open their data again, and clients that pinned the root CA go on.",
  async act(scene) {
    await verifyLatest(scene)
    succeeded(await scene.contrast("recover"))
    assert.equal(await scene.coordinator.isReady(), true)
    succeeded(await scene.contrast("verify"))
    assert.equal(await rootKey(scene, "verify/coordinator-root-ca.pem"), scene.note("root key"))
    const pods = await enrollWebAndDb(scene)
    assert.equal(await pods.web.secret(), scene.note("web secret"))
    assert.equal(await pods.db.secret(), scene.note("db secret"))
    succeeded(await scene.contrast("set", "--atomic", "resources"))
    await verifyLatest(scene)
    return [
      "the root CA certificate carries the same key",
      "web and db get the same secrets as before",
      "a new transition is signed with the same key as the old ones",
    ]
  },
}

/** Runs a refused act and checks that it left data and state alone. */
async function unchanged<Result>(scene: Scene, act: () => Promise<Result>): Promise<Result> {
  const before = await digestFolder(scene.dataDirectory)
  const result = await act()
  assert.equal(await digestFolder(scene.dataDirectory), before, "the data directory is as it was")
  assert.equal(await scene.coordinator.isReady(), false, "the Coordinator still waits for recovery")
  return result
}

async function openShares(scene: Scene) {
  const document = parseSeedShareDocument(await scene.stage.read("seed-shares.json"))
  const key = parseSeedshareOwnerKey((await scene.stage.read("seedshare-owner.pem")).toString("utf8"))
  return { seed: openSeedShare(document, key), salt: document.salt, key }
}

/** The signature over the latest transition is by the key that the seed gives, and by no other. */
async function verifyLatest(scene: Scene): Promise<void> {
  const { seed, salt } = await openShares(scene)
  const publicKey = createPublicKey(createSeedEngine(seed, salt).transactionSigningKey)
  verifyLatestTransition(publicKey, parseLatestTransition(await readFile(scene.latestFile)))
}

type Shares = ReturnType<typeof sealSeedShares>

async function writeShares(scene: Scene, name: string, shares: Shares): Promise<void> {
  await writeFile(scene.stage.path(name), encodeSeedShareDocument(shares))
}

function ownerHex(key: KeyObject): string {
  return encodeHex(encodeOwnerPublicKey(createPublicKey(key)))
}

async function rootKey(scene: Scene, file: string): Promise<string> {
  const { publicKey } = new X509Certificate(await scene.stage.read(file))
  return publicKey.export({ format: "der", type: "spki" }).toString("hex")
}
