import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto"
import { chmod, cp, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "@jest/globals"
import { createSeedEngine, encodeHex, encodeUtf8, openSeedShare, parseSeedShareDocument } from "@contrast/crypto"
import { CONTENT_KINDS } from "@contrast/manifest"
import { openDataDirectory, type DataDirectory } from "../../src/history/data-directory.ts"
import { loadHistory } from "../../src/history/history.ts"
import { Lab } from "../support/lab.ts"
import { MemoryStore } from "../support/memory-store.ts"
import { describeWithPeerVectors, peerVectors } from "../support/vectors.ts"

const HISTORY = join(peerVectors, "history")
/** Bits of each byte that are flipped one by one: all in the long mode. */
const BITS = process.env["SLOW"] ? [0, 1, 2, 3, 4, 5, 6, 7] : [3]
/** Every so many bytes of a manifest or policy. */
const STRIDE = process.env["SLOW"] ? 1 : 61

describeWithPeerVectors("a history of the established implementation", () => {
  let directory: string
  let data: DataDirectory
  let lab: Lab

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "coordinator-"))
    await cp(join(HISTORY, "store"), join(directory, "history"), { recursive: true })
    await makeReadableToAll(join(directory, "history"))
    data = await openDataDirectory(directory, stop)
    lab = await Lab.start({ store: data.store })
  })
  afterEach(async () => {
    await lab.stop()
    data.close()
    await rm(directory, { recursive: true })
  })

  test("lies on its volume as it was, but for its owner alone", async () => {
    for (const path of await readdir(join(directory, "history"), { recursive: true })) {
      const { mode } = await stat(join(directory, "history", path))
      expect(mode & 0o777).toBe(path.includes("/") ? 0o600 : 0o700)
    }
    expect(lab.servers.guard.current().kind).toBe("needs-recovery")
  })

  test("is recovered with a share of its seed, and served as it was set", async () => {
    await recover(lab, "seedshare-owner.pem")

    const { Manifests, Policies, RootCA, LatestTransition } = await lab.getManifests()
    const sets = await Promise.all([1, 2, 3].map((set) => readFile(join(HISTORY, `set-${set}/manifest.json`))))
    expect(Manifests.map(encodeHex)).toEqual(sets.map(encodeHex))
    expect(Policies).toHaveLength(3)
    expect(LatestTransition?.TransitionHash).toEqual((await readLatest()).subarray(0, 32))
    expect(LatestTransition?.Signature).toEqual((await readLatest()).subarray(32))
    for (const file of ["set-1", "set-3", "after-recover"]) {
      expect(publicKeyOf(RootCA)).toBe(publicKeyOf(await readFile(join(HISTORY, file, "coordinator-root-ca.pem"))))
    }
  })

  test("goes on: an owner sets the next manifest, and a workload gets the secret that it had", async () => {
    await recover(lab, "seedshare-owner-2048.pem")
    const manifest = (await readFile(join(HISTORY, "set-3/manifest.json"), "utf8"))
      // Neither a DNS name nor an address nor a URI; ours refuses such names when a manifest is set.
      .replace(/,\s*"\\u003chtml\\u003e\\u0026co"/, "")
    const names = Object.keys((JSON.parse(manifest) as { readonly Policies: object }).Policies) // a manifest, it was set
    const Policies = await Promise.all(names.map((name) => readFile(join(HISTORY, "store/policies", name))))

    await lab.set({ Manifest: encodeUtf8(manifest), Policies }, await readKey("workload-owner-2.pem"))

    const web = names.find((name) => name.startsWith("be69")) ?? ""
    const { WorkloadSecret } = await lab.newMeshCert({ hostData: web })
    expect(encodeHex(WorkloadSecret)).toBe(await readFile(join(peerVectors, "mesh/workload-secret-seed"), "utf8"))
    expect(lab.state.history.transitions).toHaveLength(4)
  })
})

describeWithPeerVectors("every flipped bit of a history of the established implementation", () => {
  test("is refused in its head", async () => {
    const { seed, salt, key } = await openShare("seedshare-owner-2048.pem")
    const store = await readStore()
    const head = await readLatest()
    const lab = await Lab.start({ store })
    try {
      for (const altered of flips(head, process.env["SLOW"] ? 1 : 7)) {
        store.head = altered
        await expect(lab.recover({ seed, salt, key })).rejects.toMatchObject({
          code: expect.stringMatching(/^(?:WRONG_SEED|RECOVERY_HISTORY)$/),
        })
      }
      store.head = head
      await lab.recover({ seed, salt, key })
    } finally {
      await lab.stop()
    }
  }, 600_000)

  test("is refused in its transitions, manifests and policies", async () => {
    const store = await readStore()
    const latestHash = (await readLatest()).subarray(0, 32)
    for (const [name, bytes] of [...store.objects]) {
      for (const altered of flips(bytes, name.startsWith("transitions/") ? 1 : STRIDE)) {
        store.objects.set(name, altered)
        await expect(loadHistory(store, latestHash)).rejects.toMatchObject({ code: "HISTORY_HASH" })
      }
      store.objects.set(name, bytes)
    }
    expect((await loadHistory(store, latestHash)).transitions).toHaveLength(3)
  }, 600_000)
})

async function recover(lab: Lab, keyFile: string): Promise<void> {
  await lab.recover(await openShare(keyFile))
}

async function openShare(keyFile: string) {
  const key = await readKey(keyFile)
  const shares = parseSeedShareDocument(await readFile(join(HISTORY, "set-1/seed-shares.json")))
  const { seed, salt } = createSeedEngine(openSeedShare(shares, key), shares.salt)
  return { seed, salt, key }
}

async function readKey(file: string): Promise<KeyObject> {
  return createPrivateKey(await readFile(join(HISTORY, "keys", file)))
}

function readLatest(): Promise<Uint8Array> {
  return readFile(join(HISTORY, "store/transitions/latest"))
}

async function readStore(): Promise<MemoryStore> {
  const store = new MemoryStore()
  for (const kind of CONTENT_KINDS) {
    for (const name of await readdir(join(HISTORY, "store", kind))) {
      if (name !== "latest") store.objects.set(`${kind}/${name}`, await readFile(join(HISTORY, "store", kind, name)))
    }
  }
  store.head = await readLatest()
  return store
}

function* flips(bytes: Uint8Array, stride: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += stride) {
    for (const bit of BITS) yield bytes.map((byte, index) => (index === at ? byte ^ (1 << bit) : byte))
  }
}

/** As older releases leave a volume. */
async function makeReadableToAll(directory: string): Promise<void> {
  await chmod(directory, 0o755)
  for (const path of await readdir(directory, { recursive: true })) {
    const file = join(directory, path)
    await chmod(file, (await stat(file)).isDirectory() ? 0o755 : 0o644)
  }
}

function publicKeyOf(certificatePem: Uint8Array): string {
  return createPublicKey(Buffer.from(certificatePem)).export({ type: "spki", format: "pem" }).toString()
}

function stop(error: Error): never {
  throw error
}
