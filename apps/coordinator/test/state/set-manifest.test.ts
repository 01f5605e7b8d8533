import { afterEach, expect, test } from "@jest/globals"
import { encodeHex, openSeedShare } from "@contrast/crypto"
import { nextTransition, signTransition, transitionHash } from "@contrast/manifest"
import type { ProtocolError } from "@contrast/protocol"
import type { Commit } from "../../src/history/history-store.ts"
import {
  COORDINATOR,
  DATABASE,
  manifestOf,
  otherOwnerKey,
  otherSeedshareKey,
  ownerHex,
  ownerKey,
  policyOf,
  seedshareKey,
  WEB,
} from "../support/deployment.ts"
import { Labs } from "../support/labs.ts"
import { MemoryStore } from "../support/memory-store.ts"
import { SlowStore } from "../support/slow-store.ts"

const labs = new Labs()
afterEach(() => labs.stop())

test("shares the seed with its owners once, in the order of the manifest", async () => {
  const lab = await labs.fresh()

  const first = await lab.set()
  const second = await lab.set()

  const { SeedShares = [], salt = new Uint8Array(0) } = first.SeedSharesDoc ?? {}
  const seedShares = SeedShares.map(({ PublicKey, EncryptedSeed }) => ({
    publicKey: PublicKey,
    encryptedSeed: EncryptedSeed,
  }))
  expect(seedShares.map(({ publicKey }) => publicKey)).toEqual([seedshareKey, otherSeedshareKey].map(ownerHex))
  for (const key of [seedshareKey, otherSeedshareKey]) {
    expect(openSeedShare({ seedShares, salt }, key)).toEqual(lab.state.seedEngine.seed)
  }
  expect(second.SeedSharesDoc).toBeUndefined()
})

test("keeps the root key and changes the mesh CA with every manifest", async () => {
  const lab = await labs.active()
  const before = lab.state

  const { MeshCA } = await lab.set()

  expect(lab.state.seedEngine).toBe(before.seedEngine)
  expect(lab.state.authority.meshCaPem).toBe(Buffer.from(MeshCA).toString())
  expect(lab.state.authority.meshCaPem).not.toBe(before.authority.meshCaPem)
})

test("takes a detached signature of an owner, from a client without any key", async () => {
  const lab = await labs.active()
  const next = transitionHash(nextTransition(manifestOf(), lab.state.latest.transitionHash))

  await lab.set({ Signature: signTransition(otherOwnerKey, next) }, seedshareKey)

  expect(lab.state.history.transitions).toHaveLength(2)
})

test.each([
  ["first", false],
  ["later", true],
])("lets one of many concurrent %s manifests through, and tells the others", async (_which, isLater) => {
  const store = new CrowdedStore()
  const lab = isLater ? await labs.active({}, { store }) : await labs.fresh({ store })
  const manifests = Array.from({ length: 5 }, (_, index) =>
    manifestOf({ Policies: { [COORDINATOR.hash]: { SANs: [`coordinator-${index}`], Role: "coordinator" } } }),
  )
  store.waitFor = manifests.length

  const outcomes = await Promise.allSettled(
    manifests.map((Manifest) => lab.set({ Manifest, Policies: [COORDINATOR.bytes] })),
  )

  const winner = outcomes.findIndex(({ status }) => status === "fulfilled")
  const refusals = outcomes.filter((outcome) => outcome.status === "rejected")
  expect(refusals.map(({ reason }) => (reason as ProtocolError).code)).toEqual(Array(4).fill("CONFLICT"))
  expect(encodeHex(lab.state.manifestBytes)).toBe(encodeHex(manifests[winner] ?? new Uint8Array(0)))
  expect(lab.state.history.transitions).toHaveLength(isLater ? 2 : 1)
})

test("answers only when the manifest is on the disk, and changes nothing before", async () => {
  const store = new SlowStore()
  const lab = await labs.fresh({ store })

  const set = lab.set()
  await store.arrival

  expect(lab.servers.guard.current().kind).toBe("uninitialised")
  await expect(lab.getManifests()).rejects.toMatchObject({ code: "NO_MANIFEST" })
  store.release()
  await set
  expect(lab.servers.guard.current().kind).toBe("active")
})

test.each([
  ["one too few", [COORDINATOR, WEB], "POLICY_MISSING"],
  ["one too many", [COORDINATOR, WEB, DATABASE, policyOf("another")], "POLICY_UNEXPECTED"],
  ["one twice", [COORDINATOR, WEB, DATABASE, WEB], "POLICY_UNEXPECTED"],
  ["another in place of one", [COORDINATOR, WEB, policyOf("another")], "POLICY_UNEXPECTED"],
])("takes exactly the policies that the manifest names: refuses %s, and stores nothing", async (_what, given, code) => {
  const store = new MemoryStore()
  const lab = await labs.fresh({ store })

  await expect(lab.set({ Policies: given.map(({ bytes }) => bytes) })).rejects.toMatchObject({ code })

  expect(store.objects.size).toBe(0)
})

test("names the place of what is wrong in a manifest", async () => {
  const lab = await labs.fresh()

  const set = lab.set({ Manifest: manifestOf({ Policy: {} }) })

  await expect(set).rejects.toMatchObject({ code: "MANIFEST", message: expect.stringContaining("$.Policy") })
})

test("tells nothing of the manifest in force to those who may not replace it", async () => {
  const lab = await labs.active()
  const wrong = { PreviousTransitionHash: new Uint8Array(32), Manifest: manifestOf({ SeedshareOwnerPubKeys: [] }) }

  await expect(lab.set(wrong, seedshareKey)).rejects.toMatchObject({ code: "OWNER_KEY" })
  await expect(lab.set(wrong, ownerKey)).rejects.toMatchObject({ code: "SEEDSHARE_OWNERS_CHANGED" })
})

/** Holds commits back until there are enough of them. */
class CrowdedStore extends MemoryStore {
  waitFor = 1
  #waiting = 0
  readonly #enough = Promise.withResolvers<undefined>()

  override async commit(commit: Commit): Promise<"committed" | "conflict"> {
    if (this.waitFor > 1) {
      this.#waiting += 1
      if (this.#waiting === this.waitFor) this.#enough.resolve(undefined)
      await this.#enough.promise
    }
    return super.commit(commit)
  }
}
