import { randomBytes, type KeyObject } from "node:crypto"
import { afterEach, expect, test } from "@jest/globals"
import { encodeHex, generateP256Key } from "@contrast/crypto"
import { HASH_BYTES, NO_TRANSITION } from "@contrast/manifest"
import type { RecoverInput } from "../support/caller.ts"
import { DATABASE, manifestOf, otherSeedshareKey, ownerKey, rsaKey } from "../support/deployment.ts"
import { Labs } from "../support/labs.ts"
import { MemoryStore } from "../support/memory-store.ts"

const FIRST = manifestOf()
const SECOND = manifestOf({ WorkloadOwnerPubKeys: [] })

const labs = new Labs()
afterEach(() => labs.stop())

/** Two manifests were set. */
async function tellStory() {
  const store = new MemoryStore()
  const before = await labs.active({}, { store })
  const firstHead = store.head
  await before.set({ Manifest: SECOND })
  const { WorkloadSecret } = await before.newMeshCert({ hostData: DATABASE.hash })
  const stateBefore = before.state
  await labs.stop()
  return { store, firstHead, stateBefore, WorkloadSecret }
}

const told = await tellStory()

/** Then the Coordinator began anew. */
async function story() {
  const store = told.store.copy()
  return { ...told, store, lab: await labs.fresh({ store }) }
}

type Story = Awaited<ReturnType<typeof story>>

function recover({ lab, stateBefore }: Story, input: RecoverInput = {}): Promise<unknown> {
  const { seed, salt } = stateBefore.seedEngine
  return lab.recover({ seed, salt, ...input })
}

test("brings back the same root key, signing key and workload secrets, with a new mesh CA", async () => {
  const told = await story()
  const { lab, stateBefore, WorkloadSecret } = told

  await recover(told)

  const { seedEngine, authority } = lab.state
  expect(privateBytes(seedEngine.rootCaKey)).toEqual(privateBytes(stateBefore.seedEngine.rootCaKey))
  expect(privateBytes(seedEngine.transactionSigningKey)).toEqual(
    privateBytes(stateBefore.seedEngine.transactionSigningKey),
  )
  expect((await lab.newMeshCert({ hostData: DATABASE.hash })).WorkloadSecret).toEqual(WorkloadSecret)
  expect(authority.meshCaPem).not.toBe(stateBefore.authority.meshCaPem)
  const { Manifests, LatestTransition } = await lab.getManifests()
  expect(Manifests.map(encodeHex)).toEqual([FIRST, SECOND].map(encodeHex))
  expect(LatestTransition?.TransitionHash).toEqual(stateBefore.latest.transitionHash)
})

test("takes the key of any seed share owner, and the history goes on from where it was", async () => {
  const { lab, recover } = await labs.restarted()

  await recover({ key: otherSeedshareKey })
  await lab.set()

  expect(lab.state.history.transitions).toHaveLength(2)
})

test.each<[string, (told: Story) => Uint8Array]>([
  ["the latest transition", ({ stateBefore }) => stateBefore.latest.transitionHash],
  ["an earlier transition", ({ stateBefore }) => Buffer.from(stateBefore.history.transitions[0] ?? "", "hex")],
  ["no transition at all", () => NO_TRANSITION],
])("recovers to a history that contains what the user remembers: %s", async (_what, remembered) => {
  const told = await story()

  await recover(told, { expectedTransitionHash: remembered(told) })

  expect(told.lab.state.latest.transitionHash).toEqual(told.stateBefore.latest.transitionHash)
})

test.each<[string, KeyObject | undefined]>([
  ["a client without a certificate", undefined],
  ["a fresh key", generateP256Key()],
  ["a workload owner", ownerKey],
  ["another RSA key", rsaKey(2048)],
])("recovery refuses a seed from anyone but an owner: %s with the right seed", async (_who, key) => {
  const told = await story()

  await expectRefusal(told, recover(told, { key }), "RECOVERY_OWNER", /not authorized to recover/)
})

test("refuses everyone when the manifest names no seed share owner", async () => {
  const { recover } = await labs.restarted({ SeedshareOwnerPubKeys: [] })

  await expect(recover()).rejects.toMatchObject({
    code: "RECOVERY_OWNER",
    message: expect.stringContaining("names no seed share owner"),
  })
})

test.each<[string, RecoverInput, string, RegExp]>([
  ["another seed", { seed: randomBytes(64) }, "WRONG_SEED", /not signed by the key of this seed/],
  ["another salt", { salt: randomBytes(32) }, "WRONG_SEED", /not signed by the key of this seed/],
  ["a short salt before a short seed", { seed: randomBytes(31), salt: randomBytes(31) }, "REQUEST", /salt/],
  ["a short seed", { seed: randomBytes(31) }, "REQUEST", /seed/],
  ["a remembered transition that is not there", { expectedTransitionHash: randomBytes(32) }, "ROLLBACK", /rolled back/],
  ["a remembered transition of 31 bytes", { expectedTransitionHash: randomBytes(31) }, "TRANSITION_HASH", /32 bytes/],
])("changes nothing on %s", async (_what, input, code, message) => {
  const told = await story()

  await expectRefusal(told, recover(told, input), code, message)
})

test("refuses a history that was rolled back to what the user has seen replaced", async () => {
  const told = await story()
  told.store.head = told.firstHead

  const remembered = told.stateBefore.latest.transitionHash

  await expectRefusal(told, recover(told, { expectedTransitionHash: remembered }), "ROLLBACK", /rolled back/)
  await recover(told)
  expect(told.lab.state.history.transitions).toHaveLength(1)
})

test.each<[string, (store: MemoryStore) => void, string, RegExp]>([
  ["a head whose signature is altered", alterHead(HASH_BYTES + 20), "WRONG_SEED", /altered history/],
  ["a head that points nowhere", alterHead(0), "RECOVERY_HISTORY", /transitions\/.* not there/],
  ["an empty head", (store) => (store.head = new Uint8Array(0)), "RECOVERY_HISTORY", /expected 33 to/],
  ["an altered policy", alterObjects("policies"), "RECOVERY_HISTORY", /policies\/.* does not have this hash/],
  ["an altered manifest", alterObjects("manifests"), "RECOVERY_HISTORY", /manifests\/.* does not have this hash/],
  ["an altered transition", alterObjects("transitions"), "RECOVERY_HISTORY", /transitions\/.* does not have this hash/],
])("changes nothing on %s", async (_what, tamper, code, message) => {
  const told = await story()
  tamper(told.store)

  await expectRefusal(told, recover(told), code, message)
})

test("refuses a history whose beginning is missing, though its end is whole", async () => {
  const told = await story()
  told.store.objects.delete(`transitions/${told.stateBefore.history.transitions[0] ?? ""}`)

  await expectRefusal(told, recover(told), "RECOVERY_HISTORY", /is not there/)
})

test("lets one of two concurrent recoveries through", async () => {
  const told = await story()

  const outcomes = await Promise.allSettled([recover(told), recover(told)])

  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"])
  expect(outcomes.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "ALREADY_RECOVERED" } })
})

async function expectRefusal({ lab, store }: Story, attempt: Promise<unknown>, code: string, message: RegExp) {
  const [head, objects] = [store.head, new Map(store.objects)]

  await expect(attempt).rejects.toMatchObject({ code, message: expect.stringMatching(message) })

  expect(lab.servers.guard.current().kind).toBe("needs-recovery")
  expect([store.head, store.objects]).toEqual([head, objects])
}

function alterHead(at: number) {
  return (store: MemoryStore): void => {
    store.head = store.head?.map((byte, index) => (index === at ? byte ^ 1 : byte))
  }
}

function alterObjects(kind: string) {
  return (store: MemoryStore): void => {
    for (const [name, bytes] of store.objects) {
      if (name.startsWith(kind)) store.objects.set(name, Uint8Array.of(...bytes.slice(0, -1), 0))
    }
  }
}

function privateBytes(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "der" }).toString("hex")
}
